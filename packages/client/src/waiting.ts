import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, or throws the signal's reason when it is aborted. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw error
  })
}

/**
 * Waits below a ceiling that doubles from `firstMs` to `longestMs`, evenly spread (full jitter): a fleet that lost
 * its broker at one moment does not come back at one moment.
 */
export function createBackOff({ firstMs, longestMs, random }: BackOffOptions) {
  let failures = 0
  return {
    nextMs(): number {
      const ceilingMs = Math.min(longestMs, firstMs * 2 ** failures)
      failures = Math.min(failures + 1, 30)
      return ceilingMs * random()
    },
    reset(): void {
      failures = 0
    },
  }
}

export interface BackOffOptions {
  firstMs: number
  longestMs: number
  random: () => number
}
