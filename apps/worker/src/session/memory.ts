import { createBackOff } from './back-off.ts'
import type { Clock } from './ports/clock.ts'

/** What is remembered of one session in one Chrome, through Chrome's restarts. */
export interface Memory {
  /** The generation that was applied a second time, since the broker found it alive and this Chrome did not. */
  appliedAgain: number | undefined
  /** The generation that did not work here even so. */
  notAccepted: number | undefined
  /** The generation that the broker is being asked about. */
  asking: number | undefined
  /** Not before then (milliseconds since 1970) the broker is asked for a refresh again. */
  askAtMs: number
  /** How long to leave it after a refresh that failed. */
  readonly failures: ReturnType<typeof createBackOff>
}

export function createMemory({ clock, lookEveryMs }: { clock: Clock; lookEveryMs: number }): Memory {
  return {
    appliedAgain: undefined,
    notAccepted: undefined,
    asking: undefined,
    askAtMs: 0,
    failures: createBackOff(clock, { firstMs: lookEveryMs, longestMs: Math.max(lookEveryMs, 10 * 60_000) }),
  }
}
