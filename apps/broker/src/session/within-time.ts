import { ProblemError } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import { withDeadline } from './with-deadline.ts'

/**
 * Runs what a request waits for, with a bound; an abort comes out of whatever waited just then, and is told as what it is.
 * @param signal the broker's own end
 * @throws ProblemError `shutting_down`, `check_unclear` when the time is over, or the work's own.
 */
export async function withinTime<T>(
  { clock, ms, signal }: { clock: Clock; ms: number; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let isOver = false
  try {
    return await withDeadline({ clock, ms, signal }, async (bounded) => {
      bounded.addEventListener('abort', () => {
        isOver = true
      })
      return work(bounded)
    })
  } catch (cause) {
    if (signal.aborted) throw new ProblemError('shutting_down', 'this broker is stopping', { cause })
    if (!isOver || cause instanceof ProblemError) throw cause
    throw new ProblemError('check_unclear', 'the site did not answer in time', { cause })
  }
}
