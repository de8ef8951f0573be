import { operationSchema, refreshRequestSchema, refreshResultSchema } from '@session-broker/shared'
import { z } from 'zod'
import { requireScope } from '../access/guard.ts'
import { principalOf } from '../access/principal.ts'
import { answers, refreshProblems, sessionProblems } from '../problem/route-problems.ts'
import { preferredWaitSeconds } from '../wait/prefer-wait.ts'
import { acceptOperation, waitForRefresh } from '../wait/wait-for-refresh.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'refreshSession',
  tags: ['session'],
  summary: '“I saw this generation fail”',
  description:
    'A newer generation is answered at once (`newer`). Otherwise the broker checks the session itself: alive is `alive`, ' +
    'with no login; dead leads to one login for everybody who asks meanwhile, `renewed`. The answer never carries the state. ' +
    'Whoever hangs up ends only the own wait. `force` logs in whatever the check says, past breaker and back-off, never past ' +
    'the budget; it is audited. Scope: refresh; for `force` operate as well.',
  security: keyOf('refresh'),
  querystring: sessionQuerySchema,
  headers: z.object({
    prefer: z
      .string()
      .exactOptional()
      .meta({ description: '`wait=N`: seconds until 202, 25 where left out, at most 60 (RFC 7240).' }),
  }),
  body: refreshRequestSchema,
  response: {
    200: answers('What the refresh came to.', refreshResultSchema),
    202: answers('It still runs; `Location` tells where its end will stand.', operationSchema),
    ...sessionProblems(
      'body_malformed',
      'body_too_large',
      'media_type_unsupported',
      'generation_ahead',
      ...refreshProblems,
    ),
  },
}

/** `POST /session/refresh`. */
export function addRefreshSession(api: ApiScope, context: RouteContext): void {
  const { guard, sessions } = context
  api.route({
    method: 'POST',
    url: '/session/refresh',
    schema,
    config: { logged: true },
    onRequest: guard.requires('refresh'),
    async handler(request, reply) {
      const principal = principalOf(request)
      const { generation, force = false, reason } = request.body
      if (force) requireScope(principal, 'operate', reply)
      const { session } = sessions.pick(principal, request.query.session).definition
      if (reason !== undefined)
        context.log.info({ session, key: principal.name, reason }, 'a refresh was asked for')
      const seconds = preferredWaitSeconds(request.headers.prefer)
      if (seconds !== undefined) reply.header('preference-applied', `wait=${seconds}`)
      reply.header('cache-control', 'no-store')
      if (force) {
        const fields = { session, key: principal.name, ...(reason !== undefined && { reason }) }
        context.log.audit(fields, 'a login was forced')
      }
      const cause = force ? 'operator' : 'caller'
      const order = { session, cause, ...(generation !== undefined && { generation }) } as const
      const outcome = await waitForRefresh(context, reply, { order, seconds })
      return 'result' in outcome ? outcome.result : acceptOperation(reply, outcome.operation)
    },
  })
}
