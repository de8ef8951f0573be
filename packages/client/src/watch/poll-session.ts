import { ProblemError, type SessionEvent } from '@session-broker/shared'
import type { CookiesAnswer, CookiesOptions } from '../read-cookies.ts'
import { createBackOff, waitFor } from '../waiting.ts'
import { isFinal } from './final-problems.ts'

export interface Polling {
  cookies: (options: CookiesOptions) => Promise<CookiesAnswer>
  random: () => number
  /** At least so long between two questions, should the broker not hold them. */
  pollEveryMs: number
  pollWaitSeconds: number
}

export interface Poll {
  signal: AbortSignal
  /** Whether it is the only one: an unknown session then is an end, and otherwise must not end the others. */
  alone: boolean
  tell: (event: SessionEvent) => void
}

/** Asks for one session again and again and tells what changed. Throws final problems, and when the broker is away. */
export async function pollSession(
  polling: Polling,
  session: string,
  { signal, alone, tell }: Poll,
): Promise<void> {
  const { cookies, random, pollEveryMs, pollWaitSeconds: waitSeconds } = polling
  const backOff = createBackOff({ firstMs: 2 * pollEveryMs, longestMs: 60_000, random })
  let last: SessionEvent | undefined
  let etag: string | undefined
  while (!signal.aborted) {
    const answer = await readOrProblem(cookies, { session, ifNoneMatch: etag, waitSeconds, signal })
    if (isEndOfPolling(answer, alone)) throw answer
    const event = eventOf(session, answer, last)
    if (event && !isSame(last, event)) tell(event)
    last = event ?? last
    etag = 'etag' in answer ? answer.etag : etag
    if (!(answer instanceof ProblemError)) backOff.reset()
    await waitFor(
      pollEveryMs * (0.5 + random()) + (answer instanceof ProblemError ? backOff.nextMs() : 0),
      signal,
    )
  }
}

function isEndOfPolling(answer: CookiesAnswer | ProblemError, alone: boolean): answer is ProblemError {
  return isFinal(answer) && (alone || answer.code !== 'session_unknown')
}

function eventOf(
  session: string,
  answer: CookiesAnswer | ProblemError,
  last: SessionEvent | undefined,
): SessionEvent | undefined {
  if (answer instanceof ProblemError) {
    return answer.code === 'session_absent'
      ? { session, generation: 0, revision: 0, status: 'absent' }
      : undefined
  }
  if (answer.kind === 'unchanged') return last && { ...last, status: answer.status ?? last.status }
  const { generation, revision } = answer.session
  return { session, generation, revision, status: answer.status }
}

function isSame(a: SessionEvent | undefined, b: SessionEvent): boolean {
  return a?.generation === b.generation && a.revision === b.revision && a.status === b.status
}

/** A problem is an answer here: there is no state, or it cannot be had now. */
async function readOrProblem(
  cookies: Polling['cookies'],
  options: CookiesOptions,
): Promise<CookiesAnswer | ProblemError> {
  try {
    return await cookies(options)
  } catch (error) {
    if (error instanceof ProblemError) return error
    throw error
  }
}
