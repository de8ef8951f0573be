import type { Clock } from '../../../apps/broker/src/session/ports/clock.ts'

/** Time that passes only when a test says so. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  /** How many wait at present. */
  waiting(): number
}

export function createManualClock(startMs = Date.UTC(2026, 10, 24)): ManualClock {
  let nowMs = startMs
  const waits = new Set<{ untilMs: number; end: () => void }>()
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    random: () => 0.5,
    wait(ms, signal) {
      if (signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const wait = { untilMs: nowMs + ms, end }
        function end() {
          waits.delete(wait)
          resolve()
        }
        waits.add(wait)
        signal.addEventListener('abort', end, { once: true })
      })
    },
    advance(ms) {
      nowMs += ms
      for (const wait of [...waits]) if (wait.untilMs <= nowMs) wait.end()
    },
    waiting: () => waits.size,
  }
}
