/** Time that moves only when it is told to, and then to the next moment at which something is due. */
export interface VirtualTime {
  nowMs(): number
  /** @returns what takes it back. */
  after(ms: number, due: () => void): () => void
  /** @returns false where nothing is due any more. */
  advance(): boolean
}

export function createVirtualTime(startMs: number): VirtualTime {
  let nowMs = startMs
  const timers = new Set<{ atMs: number; due: () => void }>()

  return {
    nowMs: () => nowMs,
    after(ms, due) {
      const timer = { atMs: nowMs + Math.max(0, Math.ceil(ms)), due }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance() {
      let atMs = Number.POSITIVE_INFINITY
      for (const timer of timers) atMs = Math.min(atMs, timer.atMs)
      if (atMs === Number.POSITIVE_INFINITY) return false
      nowMs = atMs
      for (const timer of [...timers]) {
        if (timer.atMs === atMs && timers.delete(timer)) timer.due()
      }
      return true
    },
  }
}
