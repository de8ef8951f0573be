import {
  captureResultSchema,
  ProblemError,
  type PutCookiesRequest,
  putCookiesRequestSchema,
} from '@session-broker/shared'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Log, LogFields } from '../../session/ports/log.ts'
import type { PublishedCapture } from '../../session/publish-capture.ts'
import type { InPlaceOf } from '../../session/require-replaced.ts'
import type { SessionDefinition } from '../../session/session-definition.ts'
import { principalOf } from '../access/principal.ts'
import { answers, sessionProblems } from '../problem/route-problems.ts'
import { stateCondition } from '../request/state-condition.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

/** Large enough for what browsers keep for a site in localStorage. */
const bodyLimitBytes = 8 * 1024 * 1024

const schema = {
  operationId: 'putCookies',
  tags: ['session'],
  summary: 'A session that a person signed in to by hand, or what a Chrome has made of one',
  description:
    'Publishes the state of a browser in which somebody has signed in, as a new generation. `If-Match` names the state that it takes ' +
    'the place of by its ETag, `If-None-Match: *` says that there is none; of several who come with the same, one wins. The ' +
    'site is asked first: only a state that it shows signed in is published, by the configured check, or by one that is ' +
    'derived from `landedUrl`. It costs no login, and ends the back-off; a breaker stays open.\n\n' +
    '`as: revision` writes back: the cookies that a Chrome, given the state of `If-Match`, holds by now. They become the next ' +
    'revision of the same generation, once the site has shown them signed in; what its answer changes goes with them, so read the ' +
    'session after it. Only where `writeBack` is on. Both are audited. Scope: write.',
  security: keyOf('write'),
  querystring: sessionQuerySchema,
  headers: z.object({
    'if-match': z.string().exactOptional().meta({ description: 'The ETag of `GET /session/cookies`.' }),
    'if-none-match': z.string().exactOptional().meta({ description: '`*`: there is no state yet.' }),
  }),
  body: putCookiesRequestSchema,
  response: {
    200: answers('It has taken the place of the former state.', captureResultSchema),
    201: answers('It is the only state that there is.', captureResultSchema),
    ...sessionProblems(
      ...(['body_malformed', 'body_too_large', 'media_type_unsupported'] as const),
      ...([
        'precondition_required',
        'precondition_failed',
        'state_not_signed_in',
        'check_unclear',
        'login_misconfigured',
      ] as const),
      ...(['write_back_off', 'account_busy', 'store_unavailable', 'shutting_down'] as const),
    ),
  },
}

/** `PUT /session/cookies`. */
export function addPutCookies(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, log } = context
  api.route({
    method: 'PUT',
    url: '/session/cookies',
    schema,
    bodyLimit: bodyLimitBytes,
    config: { logged: true },
    onRequest: guard.requires('write'),
    async handler(request, reply) {
      const principal = principalOf(request)
      const { definition } = sessions.pick(principal, request.query.session)
      const { body, headers } = request
      const fields = { session: definition.session, key: principal.name }
      const tell = body.as === 'revision' ? tellWriteBack : tellCapture
      try {
        const published = await publish(context, definition, { body, inPlaceOf: stateCondition(headers) })
        const { generation, revision } = published
        tell(log, { ...fields, generation, revision, outcome: 'published' })
        return answer(reply, definition.session, published)
      } catch (error) {
        tell(log, { ...fields, outcome: error instanceof ProblemError ? error.code : 'internal' })
        throw error
      }
    },
  })
}

function tellCapture(log: Log, fields: LogFields): void {
  if (fields.outcome === 'published') log.audit(fields, 'a state was put')
  else log.audit(fields, 'a state was refused')
}

function tellWriteBack(log: Log, fields: LogFields): void {
  if (fields.outcome === 'published') log.audit(fields, 'a session was written back')
  else log.audit(fields, 'a write-back was refused')
}

function publish(
  { publishCapture, writeBack, stopping: signal }: RouteContext,
  definition: SessionDefinition,
  { body, inPlaceOf }: { body: PutCookiesRequest; inPlaceOf: InPlaceOf },
): Promise<PublishedCapture> {
  if (body.as === 'revision') return writeBack({ definition, cookies: body.cookies, inPlaceOf, signal })
  const { landedUrl, as: _, ...state } = body
  return publishCapture({ definition, state, landedUrl, inPlaceOf, signal })
}

function answer(
  reply: FastifyReply,
  session: string,
  { generation, revision, version, isFirst }: PublishedCapture,
) {
  reply
    .code(isFirst ? 201 : 200)
    .header('etag', `"${version}"`)
    .header('cache-control', 'no-store')
  return { session, generation, revision }
}
