import { cookieHeader, issuedSessionSchema, operationSchema, ProblemError } from '@session-broker/shared'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { MirroredSession } from '../../session/session-mirror.ts'
import { principalOf } from '../access/principal.ts'
import { commonHeaders, createReadyAnswers } from '../cookies/ready-answers.ts'
import { readyFormats } from '../cookies/render-session.ts'
import { staleHeaders } from '../cookies/stale-headers.ts'
import { createReadyWriter } from '../cookies/write-ready.ts'
import { answers, answersNothing, refreshProblems, sessionProblems } from '../problem/route-problems.ts'
import { namesEtag } from '../request/if-none-match.ts'
import { boundWait } from '../wait/bounded-wait.ts'
import { preferredWaitSeconds } from '../wait/prefer-wait.ts'
import { acceptOperation, waitForRefresh } from '../wait/wait-for-refresh.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const url = '/session/cookies'

const querySchema = sessionQuerySchema
  .extend({
    format: z
      .enum([...readyFormats, 'header'])
      .default('json')
      .meta({
        description:
          'json: the whole state. storage-state: Playwright’s file. netscape: a cookies.txt for curl, wget, yt-dlp. ' +
          'header: the value of a Cookie header for `url`.',
      }),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .exactOptional()
      .meta({ description: 'With format=header: where the header is to be sent.' }),
  })
  .refine((query) => (query.format === 'header') === (query.url !== undefined), {
    message: 'goes with format=header, and that with it',
    path: ['url'],
  })

type Query = z.infer<typeof querySchema>

const schema = {
  operationId: 'readCookies',
  tags: ['session'],
  summary: 'The state of a session',
  description:
    'Cookies with every attribute, localStorage and IndexedDB. A state that exists is answered at once, also a dead one: ' +
    'the header `Session-Status` says so. While the store does not answer, `Session-Stale-Seconds` says since when. With `If-None-Match` and `Prefer: wait=N` the answer comes as soon as there is a ' +
    'newer state, or 304 after N seconds. Where there is none yet, a key with the scope `refresh` starts or joins the ' +
    'first login and waits for it as `POST /session/refresh` does; of a state that was forgotten, only one that asks without ' +
    '`If-None-Match`. Scope: read.',
  security: keyOf('read'),
  querystring: querySchema,
  headers: z.object({
    'if-none-match': z.string().exactOptional().meta({ description: 'The ETag of the state at hand.' }),
    prefer: z.string().exactOptional().meta({ description: '`wait=N`: seconds, at most 60 (RFC 7240).' }),
  }),
  response: {
    200: {
      description: 'The state, in the form that `format` asks for.',
      content: {
        'application/json': { schema: issuedSessionSchema },
        'text/plain': { schema: z.string() },
      },
    },
    202: answers('The first login still runs; `Location` tells where its end will stand.', operationSchema),
    304: answersNothing('The state is still the one that `If-None-Match` names.'),
    ...sessionProblems('session_absent', ...refreshProblems),
  },
}

/** `GET /session/cookies`: an existing state from memory, a first one by a login. */
export function addReadCookies(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, metrics, clock } = context
  const readyAnswer = createReadyAnswers()
  const writeReady = createReadyWriter(metrics, url)

  api.route({
    method: 'GET',
    url,
    schema,
    onRequest: guard.requires('read'),
    handler(request, reply) {
      const mirrored = sessions.pick(principalOf(request), request.query.session)
      if (mirrored.issued) return answer(mirrored, { request, reply, query: request.query })
      return logInFirst(mirrored, { request, reply, query: request.query })
    },
  })

  interface Exchange {
    request: FastifyRequest
    reply: FastifyReply
    query: Query
  }

  /** Not async: what is ready leaves without a promise. */
  function answer(mirrored: MirroredSession, exchange: Exchange): void | Promise<void> {
    const { request, reply, query } = exchange
    if (!mirrored.issued) throw absentProblem(mirrored)
    const stale = staleHeaders(context)
    if (query.format === 'header') return answerHeader(mirrored, { ...exchange, stale })
    const ready = readyAnswer(mirrored, mirrored.issued, query.format)
    if (!namesEtag(request.headers['if-none-match'], ready.etag)) {
      return writeReady(request, reply, { status: 200, answer: ready, extra: stale })
    }
    const seconds = preferredWaitSeconds(request.headers.prefer)
    if (!seconds) return writeReady(request, reply, { status: 304, answer: ready, extra: stale })
    return answerNewer(mirrored, { ...exchange, seconds })
  }

  async function answerNewer(
    known: MirroredSession,
    exchange: Exchange & { seconds: number },
  ): Promise<void> {
    const { request, reply, query, seconds } = exchange
    if (query.format === 'header') return
    const { session } = known.definition
    const { stopping, mirror } = context
    const wait = boundWait(reply.raw, { seconds, clock, stopping })
    const isNewer = (now: MirroredSession) => now.issued !== undefined && now.version !== known.version
    await mirror.waitUntil(session, isNewer, wait.signal).finally(wait.end)
    const now = mirror.get(session)
    if (!now.issued) throw absentProblem(now)
    const status = now.version === known.version ? 304 : 200
    const extra = ['Preference-Applied', `wait=${seconds}`, ...(staleHeaders(context) ?? [])]
    writeReady(request, reply, { status, answer: readyAnswer(now, now.issued, query.format), extra })
  }

  /** No ETag: a cookie's expiry changes it. */
  function answerHeader(
    { status, content }: MirroredSession,
    { reply, query, stale = [] }: Exchange & { stale: readonly string[] | undefined },
  ): void {
    const headers = [...commonHeaders(status), ...stale]
    for (let at = 0; at + 1 < headers.length; at += 2) reply.header(headers[at] ?? '', headers[at + 1])
    const value = cookieHeader(content?.state.cookies ?? [], new URL(query.url ?? ''), clock.now() / 1000)
    reply.type('text/plain; charset=utf-8').send(Buffer.from(value))
  }

  async function logInFirst(mirrored: MirroredSession, exchange: Exchange): Promise<void> {
    const { request, reply } = exchange
    const { session } = mirrored.definition
    // Who has the state that was forgotten is not in want of a first one.
    const wasForgotten = mirrored.generation > 0 && request.headers['if-none-match'] !== undefined
    if (wasForgotten || !principalOf(request).scopes.has('refresh')) throw absentProblem(mirrored)
    const seconds = preferredWaitSeconds(request.headers.prefer)
    if (seconds !== undefined) reply.header('preference-applied', `wait=${seconds}`)
    const outcome = await waitForRefresh(context, reply, { order: { session }, seconds })
    if ('operation' in outcome) reply.send(acceptOperation(reply, outcome.operation))
    else return answer(context.mirror.get(session), exchange)
  }
}

function absentProblem({ definition: { session }, generation }: MirroredSession): ProblemError {
  const why = generation > 0 ? 'was forgotten' : 'has not been logged in yet'
  return new ProblemError('session_absent', `${session} ${why}; a key with the scope refresh starts a login`)
}
