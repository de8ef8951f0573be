import { writerRequestSchema, writerResultSchema } from '@session-broker/shared'
import { electWriter } from '../../session/elect-writer.ts'
import { principalOf } from '../access/principal.ts'
import { answers, sessionProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'electWriter',
  tags: ['workers'],
  summary: 'Which worker writes a session back',
  description:
    'For workers whose Chromes change the session while it is used: who asks becomes its writer for half a minute, unless another ' +
    'one is; the writer asks again before each `PUT`, and keeps it so. It spares several from trying at once. What is written is ' +
    'decided by `If-Match` alone. Scope: write.',
  security: keyOf('write'),
  querystring: sessionQuerySchema,
  body: writerRequestSchema,
  response: {
    200: answers('Who it is.', writerResultSchema),
    ...sessionProblems(
      ...(['body_malformed', 'body_too_large', 'media_type_unsupported'] as const),
      ...(['write_back_off', 'store_unavailable'] as const),
    ),
  },
}

/** `POST /session/writer`. */
export function addElectWriter(api: ApiScope, { guard, sessions, writers }: RouteContext): void {
  api.route({
    method: 'POST',
    url: '/session/writer',
    schema,
    config: { logged: true },
    onRequest: guard.requires('write'),
    async handler(request, reply) {
      const { definition } = sessions.pick(principalOf(request), request.query.session)
      reply.header('cache-control', 'no-store')
      return electWriter(writers, definition, request.body)
    },
  })
}
