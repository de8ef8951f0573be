import type { Lock } from 'redlock'
import type { Lease } from '../session/ports/login-mutex.ts'
import { countVotes } from './count-votes.ts'

/** How far the clocks of broker and lock servers may run apart, per millisecond. */
export const driftFactor = 0.01

export interface Renewal {
  /** When the lock was asked for, which is before it can have begun. */
  sinceMs: number
  ttlMs: number
  /** Monotonic, in milliseconds. */
  nowMs: () => number
}

/**
 * Extends a lock until it is released or lost. What it says of its validity rests on the local clock alone, counted from
 * before each request: it ends no later than the servers can have let go, also when this process was stopped meanwhile.
 */
export function keepRenewing(acquired: Lock, { sinceMs, ttlMs, nowMs }: Renewal): Lease {
  const certainMs = ttlMs - Math.round(driftFactor * ttlMs) - 2
  let lock = acquired
  let validUntilMs = sinceMs + certainMs
  let isOver = false
  let renewing: Promise<void> | undefined
  let timer = renewAfter(ttlMs / 3)

  function validForMs(): number {
    return isOver ? 0 : Math.max(0, validUntilMs - nowMs())
  }

  function renewAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      renewing = renew()
    }, ms).unref()
  }

  async function renew(): Promise<void> {
    if (validForMs() === 0) return
    const askedAtMs = nowMs()
    const isRenewed = await extend()
    // An answer that came too late brings nothing back: somebody may have looked, and acted on it.
    if (validForMs() === 0) return
    if (isRenewed) validUntilMs = askedAtMs + certainMs
    timer = renewAfter(isRenewed ? ttlMs / 3 : ttlMs / 10)
  }

  async function extend(): Promise<boolean> {
    try {
      // redlock holds this against the wall clock, which may have been set; renew() has looked at the monotonic one.
      lock.expiration = Number.POSITIVE_INFINITY
      lock = await lock.extend(ttlMs)
      return true
    } catch (error) {
      const votes = await countVotes(error)
      // So many have let go of it that no majority can be had again. Anything else may pass, or the time runs out.
      if (votes && votes.for + votes.silent < votes.majority) isOver = true
      return false
    }
  }

  async function release(): Promise<void> {
    isOver = true
    clearTimeout(timer)
    await renewing
    // What cannot be released runs out by itself.
    await lock.release().catch(() => undefined)
  }

  return { validForMs, release }
}
