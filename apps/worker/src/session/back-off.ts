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

/** How long to leave it after `error`. */
export function pauseAfter(
  error: unknown,
  { backOff, clock }: { backOff: { nextMs(): number }; clock: Pick<Clock, 'random'> },
): number {
  const ms = backOff.nextMs()
  const isRefusal =
    error instanceof ProblemError && error.code.startsWith('login_') && !errorCodes[error.code].retry
  return isRefusal ? Math.max(ms, refusalMs * (1 + clock.random() / 2)) : ms
}

export interface BackOffBounds {
  firstMs: number
  longestMs: number
}
