import { ProblemError } from '@session-broker/shared'
import Redlock, { type Lock } from 'redlock'
import type { Lease, LoginMutex } from '../session/ports/login-mutex.ts'
import { countVotes } from './count-votes.ts'
import { driftFactor, keepRenewing } from './keep-renewing.ts'

/** What of a Redis client a lock needs. Its commands must end by themselves, answered or not (`commandTimeout`). */
export interface LockClient {
  eval(...args: unknown[]): Promise<unknown>
  evalsha(...args: unknown[]): Promise<unknown>
}

export interface RedlockMutexOptions {
  /** One, or an odd number of servers that know nothing of each other; whoever opened the clients closes them. */
  servers: readonly { address: string; client: LockClient }[]
  /** How long a dead holder keeps others out. Renewed every third of it. */
  ttlMs?: number
  /** Monotonic, in milliseconds. */
  nowMs?: () => number
}

/** Redlock: a majority of the servers decides who holds an account. */
export function createRedlockMutex({
  servers,
  ttlMs = 4_000,
  nowMs = () => performance.now(),
}: RedlockMutexOptions): LoginMutex {
  // With an even number two halves can disagree, and redlock then waits for ever.
  if (servers.length % 2 === 0) throw new Error('the lock wants one Redis or an odd number of them')
  const clients = servers.map(({ client }) => client)
  const redlock = new Redlock(clients, { driftFactor, retryCount: 0 })
  const leases = new Set<Lease>()

  async function tryAcquire(account: string): Promise<Lease | undefined> {
    const acquiringSinceMs = nowMs()
    const lock = await acquire(account)
    if (!lock) return undefined
    const held = keepRenewing(lock, { sinceMs: acquiringSinceMs, ttlMs, nowMs })
    // Slow servers can hand out a lock that is about to run out.
    if (held.validForMs() < ttlMs / 2) {
      await held.release()
      return undefined
    }
    return tracked(held)
  }

  async function acquire(account: string): Promise<Lock | undefined> {
    try {
      return await redlock.acquire([`sb:{${account}}:mutex`], ttlMs)
    } catch (error) {
      const votes = await countVotes(error)
      if (!votes) throw error
      if (votes.for + votes.against >= votes.majority) return undefined
      const all = servers.map(({ address }) => address).join(', ')
      throw new ProblemError(
        'store_unavailable',
        `only ${votes.for + votes.against} of ${servers.length} lock servers answer (${all})`,
      )
    }
  }

  function tracked(held: Lease): Lease {
    const lease: Lease = {
      validForMs: held.validForMs,
      release() {
        leases.delete(lease)
        return held.release()
      },
    }
    leases.add(lease)
    return lease
  }

  return {
    tryAcquire,
    async close() {
      await Promise.all([...leases].map((lease) => lease.release()))
    },
  }
}
