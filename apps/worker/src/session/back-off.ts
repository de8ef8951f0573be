import { errorCodes, ProblemError } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'

/** Pauses that double, spread over their second half, so that a fleet does not move in step. */
export function createBackOff(clock: Pick<Clock, 'random'>, { firstMs, longestMs }: BackOffBounds) {
  let failures = 0
  return {
    nextMs(): number {
      const ceilingMs = Math.min(longestMs, firstMs * 2 ** failures)
      failures = Math.min(failures + 1, 30)
      return ceilingMs * (0.5 + clock.random() / 2)
    },
    reset(): void {
      failures = 0
    },
  }
}

/** A login that only a person can mend is not asked for again before this: each try may be a wrong password more. */
const refusalMs = 10 * 60_000

/** However long the broker says: somebody may have reset the logins, and asking costs no login. */
const longestToldMs = 15 * 60_000

/** How long to leave it after `error`: as the back-off says, and not before the broker says that it may help. */
export function pauseAfter(
  error: unknown,
  { backOff, clock }: { backOff: { nextMs(): number }; clock: Pick<Clock, 'random'> },
): number {
  const ms = backOff.nextMs()
  if (!(error instanceof ProblemError)) return ms
  const isRefusal = error.code.startsWith('login_') && !errorCodes[error.code].retry
  const toldMs = (error.retryAfterSeconds ?? 0) * 1000
  // Later by a part, so that a fleet that was told the same does not come at once.
  const atLeastMs = Math.min(toldMs * (1 + clock.random() / 4), longestToldMs)
  return Math.max(ms, atLeastMs, isRefusal ? refusalMs * (1 + clock.random() / 2) : 0)
}

export interface BackOffBounds {
  firstMs: number
  longestMs: number
}
