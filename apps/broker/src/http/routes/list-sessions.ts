import { sessionListSchema } from '@session-broker/shared'
import { summaryOf } from '../../session/summarize-session.ts'
import { principalOf } from '../access/principal.ts'
import { answers, guardedProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'listSessions',
  tags: ['session'],
  summary: 'All sessions that the key may see',
  description: 'As `GET /session`, for each. Scope: read.',
  security: keyOf('read'),
  response: { 200: answers('The sessions.', sessionListSchema), ...guardedProblems() },
}

/** `GET /sessions`. */
export function addListSessions(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, mirror } = context
  api.route({
    method: 'GET',
    url: '/sessions',
    schema,
    config: { logged: true },
    onRequest: guard.requires('read'),
    handler(request, reply) {
      const names = sessions.names(principalOf(request))
      const summaries = names.map((name) => summaryOf(mirror.get(name), context))
      reply.header('cache-control', 'no-store').send({ sessions: summaries })
    },
  })
}
