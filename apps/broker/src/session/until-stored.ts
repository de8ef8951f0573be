import { ProblemError } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'

const retryMs = 250

/** What a login has found out costs too much to be lost to a store that is away for a moment: every step is safe to ask again. */
export async function untilStored<T>(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const isAway = error instanceof ProblemError && error.code === 'store_unavailable'
      if (!isAway || signal.aborted) throw error
      await clock.wait(retryMs, signal)
    }
  }
}
