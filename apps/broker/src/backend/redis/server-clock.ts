/** Tells what a server's clock will say, so that a command can carry the time after which it must do nothing. */
export interface ServerClock {
  /** Milliseconds since 1970 by the server's clock, never later than they really are. */
  now(): Promise<number>
  /** The clock was set, or another server has taken over: measure again. */
  forget(): void
}

const keptMs = 60_000

/**
 * @param measure asks the server
 * @param monotonicMs counts on whatever happens to this machine's own wall clock
 */
export function createServerClock(
  measure: () => Promise<number>,
  monotonicMs: () => number = () => performance.now(),
): ServerClock {
  let measured: { serverMs: number; atMs: number } | undefined
  return {
    async now() {
      if (!measured || monotonicMs() - measured.atMs > keptMs) {
        const serverMs = await measure()
        measured = { serverMs, atMs: monotonicMs() }
      }
      return measured.serverMs + Math.floor(monotonicMs() - measured.atMs)
    },
    forget() {
      measured = undefined
    },
  }
}
