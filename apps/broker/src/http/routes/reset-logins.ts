import { resetRequestSchema, sessionSummarySchema } from '@session-broker/shared'
import { summaryOf } from '../../session/summarize-session.ts'
import { principalOf } from '../access/principal.ts'
import { answers, sessionProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'resetLogins',
  tags: ['session'],
  summary: 'Allow logins again',
  description:
    'After a rejected password, a locked account or a back-off: closes the breaker of the session’s account, so that the ' +
    'next refresh may log in. Mend the cause first. The budget stays as it is. Every reset is audited. Scope: operate.',
  security: keyOf('operate'),
  querystring: sessionQuerySchema,
  body: resetRequestSchema,
  response: {
    200: answers('The session, as it is now.', sessionSummarySchema),
    ...sessionProblems('body_malformed', 'body_too_large', 'media_type_unsupported', 'store_unavailable'),
  },
}

/** `POST /session/reset`. */
export function addResetLogins(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, store, mirror, log } = context
  api.route({
    method: 'POST',
    url: '/session/reset',
    schema,
    config: { logged: true },
    onRequest: guard.requires('operate'),
    async handler(request, reply) {
      const principal = principalOf(request)
      const { definition } = sessions.pick(principal, request.query.session)
      const { session } = definition
      const { reason } = request.body
      await store.resetLogins(definition)
      log.audit(
        { session, key: principal.name, ...(reason !== undefined && { reason }) },
        'logins were reset',
      )
      reply.header('cache-control', 'no-store')
      return summaryOf(await mirror.reload(session), context)
    },
  })
}
