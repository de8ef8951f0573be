import { ProblemError } from '@session-broker/shared'
import type { LoginTime } from '../login-time.ts'
import type { Permit } from '../permit.ts'
import type { Clock } from '../ports/clock.ts'
import type { SessionDefinition } from '../session-definition.ts'

const mostBetweenPermitsMs = 10_000

export interface PermitKeeping {
  definition: Pick<SessionDefinition, 'loginTimeoutMs'>
  time: LoginTime
  permit: Pick<Permit, 'requestPermit'>
  clock: Clock
}

/**
 * Does the work while the login's permit is asked for again and again, a short one each time: a broker that dies now does not hold the
 * account up for as long as people may take.
 * @throws ProblemError what the store says once another login has begun, or has not said for too long.
 */
export async function whilePermitted<T>(keeping: PermitKeeping, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const signal = AbortSignal.any([keeping.time.signal, over.signal])
  try {
    return await Promise.race([work(), keepPermit(keeping, signal)])
  } finally {
    over.abort()
  }
}

async function keepPermit(
  { definition, time, permit, clock }: PermitKeeping,
  signal: AbortSignal,
): Promise<never> {
  let permittedAtMs = clock.monotonicMs()
  while (!signal.aborted) {
    // It lasts as long as what is left of the login.
    const pauseMs = Math.min(mostBetweenPermitsMs, definition.loginTimeoutMs / 4, time.leftMs() / 3)
    await clock.wait(pauseMs, signal)
    if (signal.aborted) break
    try {
      await permit.requestPermit()
      permittedAtMs = clock.monotonicMs()
    } catch (error) {
      const isAway = error instanceof ProblemError && error.code === 'store_unavailable'
      if (!isAway || clock.monotonicMs() - permittedAtMs > time.leftMs() / 2) throw error
    }
  }
  return new Promise(() => undefined)
}
