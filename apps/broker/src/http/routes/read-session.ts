import { sessionSummarySchema } from '@session-broker/shared'
import { summaryOf } from '../../session/summarize-session.ts'
import { principalOf } from '../access/principal.ts'
import { answers, sessionProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'readSession',
  tags: ['session'],
  summary: 'Everything about a session but its secrets',
  description:
    'Status, generation, age, predicted expiry, last check, how its logins go, and what of their budget is left. Scope: read.',
  security: keyOf('read'),
  querystring: sessionQuerySchema,
  response: { 200: answers('The session.', sessionSummarySchema), ...sessionProblems() },
}

/** `GET /session`. */
export function addReadSession(api: ApiScope, context: RouteContext): void {
  const { guard, sessions } = context
  api.route({
    method: 'GET',
    url: '/session',
    schema,
    config: { logged: true },
    onRequest: guard.requires('read'),
    handler(request, reply) {
      const mirrored = sessions.pick(principalOf(request), request.query.session)
      reply.header('cache-control', 'no-store').send(summaryOf(mirrored, context))
    },
  })
}
