import { predictExpiry } from './predict-expiry.ts'
import type { MirroredSession } from './session-mirror.ts'

export interface UpkeepTask {
  what: 'check' | 'renewal'
  /** By the store's clock. */
  dueMs: number
}

/** A session that lives shorter than this many times `renewBeforeMs` is not renewed ahead: it would eat the budget up. */
const leastLivesAhead = 3
/** Replicas plan for different moments, so that the first one's check moves the plans of the others. */
const jitter = 0.1

/**
 * What the broker does by itself for a session, and when. The first login is never made without being asked for.
 * @param chance evenly spread in [0, 1)
 */
export function planUpkeep({ definition, snapshot, content }: MirroredSession, chance: number): UpkeepTask[] {
  const { stored, rotates, lifetimesMs, nextTryAtMs = 0 } = snapshot
  if (!stored || !content) return []
  const { checkEveryMs, renewBeforeMs, maxAgeMs } = definition.upkeep
  const tasks: UpkeepTask[] = []
  // A check shows the newest cookies; where somebody's Chrome has been given newer ones, and nobody writes
  // them back, that would end the session.
  if (checkEveryMs !== undefined && !(rotates && !definition.writeBack)) {
    const spreadMs = checkEveryMs * (1 + jitter * (2 * chance - 1))
    const retries = stored.verdict === 'signed_out' && nextTryAtMs > stored.checkedAtMs
    tasks.push({ what: 'check', dueMs: retries ? nextTryAtMs : stored.checkedAtMs + spreadMs })
  }
  const expiry = predictExpiry(content.state, { stored, lifetimesMs })
  const expiresAtMs = expiry ? Date.parse(expiry.at) : undefined
  if (expiresAtMs && expiresAtMs - stored.obtainedAtMs >= leastLivesAhead * renewBeforeMs) {
    tasks.push({ what: 'renewal', dueMs: expiresAtMs - renewBeforeMs })
  }
  if (maxAgeMs !== undefined) tasks.push({ what: 'renewal', dueMs: stored.obtainedAtMs + maxAgeMs })
  return tasks
}
