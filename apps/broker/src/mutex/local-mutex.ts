import type { Lease, LoginMutex } from '../session/ports/login-mutex.ts'

/** For the embedded store, which only one process can open. */
export function createLocalMutex(): LoginMutex {
  const holders = new Map<string, Lease>()
  return {
    async tryAcquire(account) {
      if (holders.has(account)) return undefined
      const isHolder = () => holders.get(account) === lease
      const lease: Lease = {
        validForMs: () => (isHolder() ? Number.POSITIVE_INFINITY : 0),
        async release() {
          if (isHolder()) holders.delete(account)
        },
      }
      holders.set(account, lease)
      return lease
    },
    async close() {
      holders.clear()
    },
  }
}
