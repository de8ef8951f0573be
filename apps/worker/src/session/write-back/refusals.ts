import { errorCodes, ProblemError } from '@session-broker/shared'
import { createBackOff, pauseAfter } from '../back-off.ts'
import type { Here, Keep } from '../here.ts'

/** What no waiting mends (a key without `write`, a session whose write-back is off) is tried no more often than this. */
const refusedMs = 60_000
const longestMs = 10 * 60_000

/** Tells why nothing can be given back, once for each reason, and how long to leave it. */
export function createRefusals(
  { held, clock, log, line }: Keep,
  { everyMs }: { everyMs: number },
): { pauseAfter(error: unknown, here: Here): number; forget(): void } {
  const backOff = createBackOff(clock, { firstMs: everyMs, longestMs: Math.max(everyMs, longestMs) })
  let told: string | undefined
  return {
    pauseAfter(error, { signal }) {
      if (signal.aborted) return everyMs
      const code = error instanceof ProblemError ? error.code : undefined
      const isForGood = code !== undefined && !errorCodes[code].retry
      const reason = code ?? 'away'
      if (reason !== told) {
        told = reason
        const fields = { session: held.session, worker: line.workerId, ...(code && { code }), error }
        if (isForGood) log.error(fields, 'write-back refused')
        else log.warn(fields, 'write-back failed')
      }
      const ms = pauseAfter(error, { backOff, clock })
      return isForGood ? Math.max(ms, refusedMs) : ms
    },
    forget() {
      told = undefined
      backOff.reset()
    },
  }
}
