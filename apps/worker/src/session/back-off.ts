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

export interface BackOffBounds {
  firstMs: number
  longestMs: number
}
