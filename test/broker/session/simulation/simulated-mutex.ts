import type { LoginMutex } from '../../../../apps/broker/src/session/ports/login-mutex.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { VirtualTime } from './virtual-time.ts'

const ttlMs = 4_000

/** A lock that renews itself while its holder runs and then runs out, as Redlock's does. */
export interface SimulatedLocks {
  mutexFor(process: SimulatedProcess): LoginMutex
}

/** @param isBroken gives the lock to everybody who asks. */
export function createLocks({ time, isBroken }: { time: VirtualTime; isBroken: boolean }): SimulatedLocks {
  const holders = new Map<string, { process: SimulatedProcess }>()

  function mutexFor(process: SimulatedProcess): LoginMutex {
    return {
      async tryAcquire(account) {
        await process.step('asks for the lock')
        const holder = holders.get(account)
        if (holder && !isBroken && time.nowMs() < heldUntilMs(holder.process)) return undefined
        const mine = { process }
        holders.set(account, mine)
        const isMine = () => isBroken || holders.get(account) === mine
        return {
          validForMs: () => (isMine() ? Math.max(0, heldUntilMs(process) - time.nowMs()) : 0),
          async release() {
            await process.step('releases the lock')
            if (holders.get(account) === mine) holders.delete(account)
          },
        }
      },
      close: () => Promise.resolve(),
    }
  }

  function heldUntilMs(process: SimulatedProcess): number {
    return (process.stillSinceMs() ?? time.nowMs()) + ttlMs
  }

  return { mutexFor }
}
