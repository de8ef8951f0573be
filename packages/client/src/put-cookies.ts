import {
  type CaptureResult,
  type Cookie,
  captureResultSchema,
  type SessionState,
} from '@session-broker/shared'
import { UnexpectedAnswerError } from './broker-errors.ts'
import type { Answer, CallBroker } from './call-broker.ts'

export interface PutCookiesOptions {
  /** Left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | undefined
  state: SessionState
  /** A page that shows it signed in, for sessions without a configured check. */
  landedUrl?: string | undefined
  /** The ETag of the state that this takes the place of; left out: there is none yet. */
  ifMatch?: string | undefined
  signal?: AbortSignal | undefined
}

/** For the wait for the account's turn, and the check at the site. */
const longestSeconds = 80

/**
 * `PUT /session/cookies`: publishes what a person has signed in to by hand. Throws the broker's problem: `precondition_failed`,
 * `state_not_signed_in`, `check_unclear` and others; after a `BrokerUnreachableError` it may have been published all the same.
 */
export async function putCookies(
  call: CallBroker,
  { session, state, landedUrl, ifMatch, signal }: PutCookiesOptions,
): Promise<CaptureResult & { etag: string }> {
  const answer = await call({
    method: 'PUT',
    path: 'session/cookies',
    query: { session },
    headers: ifMatch === undefined ? { 'if-none-match': '*' } : { 'if-match': ifMatch },
    body: { ...wholeOf(state), ...(landedUrl !== undefined && { landedUrl }) },
    withinSeconds: longestSeconds,
    isOnce: true,
    signal,
  })
  return toPublished(answer)
}

export interface WriteBackOptions {
  /** Left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | undefined
  /** All of the session, as a Chrome holds them by now that was given the state of `ifMatch`. */
  cookies: readonly Cookie[]
  /** The ETag of that state. */
  ifMatch: string
  signal?: AbortSignal | undefined
}

/**
 * `PUT /session/cookies` as a revision: gives back what a Chrome has made of the session. The site's answer to the check may change it
 * again: read the session after it. Throws the broker's problem: `precondition_failed` to the later of two, `state_not_signed_in`,
 * `check_unclear`, `write_back_off` and others. Asked once more, it does no harm.
 */
export async function writeBack(
  call: CallBroker,
  { session, cookies, ifMatch, signal }: WriteBackOptions,
): Promise<CaptureResult & { etag: string }> {
  const answer = await call({
    method: 'PUT',
    path: 'session/cookies',
    query: { session },
    headers: { 'if-match': ifMatch },
    body: { as: 'revision', cookies },
    withinSeconds: longestSeconds,
    signal,
  })
  return toPublished(answer)
}

function toPublished({ body, header }: Answer): CaptureResult & { etag: string } {
  const result = captureResultSchema.safeParse(body)
  const etag = header('etag')
  if (result.success && etag !== undefined) return { ...result.data, etag }
  throw new UnexpectedAnswerError('the broker answered with something that is no generation')
}

/** What else stands beside the state, in the answer of `GET` for example, is not the broker's to have. */
function wholeOf({ userAgent, userAgentMetadata, cookies, origins }: SessionState): SessionState {
  return { userAgent, ...(userAgentMetadata && { userAgentMetadata }), cookies, origins }
}
