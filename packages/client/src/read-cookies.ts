import {
  type IssuedSession,
  issuedSessionSchema,
  type SessionStatus,
  sessionStatusSchema,
} from '@session-broker/shared'
import { UnexpectedAnswerError } from './broker-errors.ts'
import type { Answer, CallBroker } from './call-broker.ts'
import type { FollowOperation } from './follow-operation.ts'

export interface CookiesOptions {
  /** Left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | undefined
  /** The ETag of the state that is there already. */
  ifNoneMatch?: string | undefined
  /** With `ifNoneMatch`: how long to wait for a newer state; otherwise for the first login. At most 60. */
  waitSeconds?: number | undefined
  signal?: AbortSignal | undefined
}

export interface CurrentSession {
  kind: 'session'
  session: IssuedSession
  /** For `ifNoneMatch`. */
  etag: string
  /** A session that the last check found dead is served all the same: who asks decides. */
  status: SessionStatus
}

export type CookiesAnswer =
  | CurrentSession
  | { kind: 'unchanged'; etag: string | undefined; status: SessionStatus | undefined }

export interface Reading {
  call: CallBroker
  followOperation: FollowOperation
}

/** `cookies` of a client, for the session that the client is about where none is named. */
export function createCookiesReader(reading: Reading, ownSession: string | undefined) {
  function read(options?: CookiesOptions & { ifNoneMatch?: undefined }): Promise<CurrentSession>
  function read(options: CookiesOptions): Promise<CookiesAnswer>
  function read(options: CookiesOptions = {}): Promise<CookiesAnswer> {
    return readCookies(reading, { ...options, session: options.session ?? ownSession })
  }
  return read
}

/**
 * `GET /session/cookies`. Where the broker has to log in first, and the key may ask for that, the login is waited
 * for, and its failure is thrown.
 */
async function readCookies(reading: Reading, options: CookiesOptions): Promise<CookiesAnswer> {
  const answer = await get(reading.call, options)
  if (answer.status !== 202) return toCookies(answer)
  await reading.followOperation(answer, options.signal)
  return toCookies(await get(reading.call, options))
}

function get(
  call: CallBroker,
  { session, ifNoneMatch, waitSeconds, signal }: CookiesOptions,
): Promise<Answer> {
  return call({
    method: 'GET',
    path: 'session/cookies',
    query: { session },
    headers: { 'if-none-match': ifNoneMatch },
    ...(waitSeconds !== undefined && { waitSeconds }),
    signal,
  })
}

function toCookies({ status, header, body }: Answer): CookiesAnswer {
  const told = sessionStatusSchema.safeParse(header('session-status')).data
  if (status === 304) return { kind: 'unchanged', etag: header('etag'), status: told }
  const session = issuedSessionSchema.safeParse(body)
  const etag = header('etag')
  if (status !== 200 || !session.success || etag === undefined) {
    throw new UnexpectedAnswerError('the broker answered with something that is no session')
  }
  return { kind: 'session', session: session.data, etag, status: told ?? 'unknown' }
}
