import { forgetResultSchema, ProblemError } from '@session-broker/shared'
import { z } from 'zod'
import { principalOf } from '../access/principal.ts'
import { answers, sessionProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'forgetSession',
  tags: ['session'],
  summary: 'Forget a state',
  description:
    'The state is gone at once for every reader; the generation counter stays. Chromes keep what they hold. With `logout=true` the ' +
    'site is logged out from first, which on some sites ends every session of that user; where it is not seen to have ended the session, ' +
    'nothing is forgotten. A login that runs meanwhile publishes the next generation all the same. Audited. Scope: admin.',
  security: keyOf('admin'),
  querystring: sessionQuerySchema.extend({
    logout: z.enum(['true', 'false']).default('false').meta({ description: 'Log out at the site first.' }),
  }),
  response: {
    200: answers('It is forgotten.', forgetResultSchema),
    ...sessionProblems(
      ...(['log_out_failed', 'check_unclear', 'account_busy', 'store_unavailable'] as const),
      ...(['state_unreadable', 'shutting_down'] as const),
    ),
  },
}

/** `DELETE /session`. */
export function addForgetSession(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, log, forgetSession, stopping } = context
  api.route({
    method: 'DELETE',
    url: '/session',
    schema,
    config: { logged: true },
    onRequest: guard.requires('admin'),
    async handler(request, reply) {
      const principal = principalOf(request)
      const { definition } = sessions.pick(principal, request.query.session)
      const { session } = definition
      const logOut = request.query.logout === 'true'
      const fields = { session, key: principal.name, reason: logOut ? 'with log-out' : 'without log-out' }
      try {
        const forgotten = await forgetSession({ definition, logOut, signal: stopping })
        const { generation } = forgotten
        log.audit(
          { ...fields, generation, outcome: forgotten.forgotten ? 'forgotten' : 'absent' },
          'a session was forgotten',
        )
        reply.header('cache-control', 'no-store')
        return { session, ...forgotten }
      } catch (error) {
        const outcome = error instanceof ProblemError ? error.code : 'internal'
        log.audit({ ...fields, outcome }, 'a session was not forgotten')
        throw error
      }
    },
  })
}
