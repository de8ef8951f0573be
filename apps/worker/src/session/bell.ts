/**
 * Tells those who wait that something has changed. Read `rings()` before looking at what may change, then wait for more
 * than that: what rings in between is not missed.
 */
export function createBell() {
  let rings = 0
  const listeners = new Set<() => void>()
  return {
    rings: () => rings,
    ring(): void {
      rings += 1
      for (const listener of [...listeners]) listener()
    },
    /** Resolves once it has rung more often than `heard`, or the signal is aborted; never rejects. */
    rungSince(heard: number, signal: AbortSignal): Promise<void> {
      if (rings > heard || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const done = () => {
          listeners.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        listeners.add(done)
        signal.addEventListener('abort', done)
      })
    },
  }
}

export type Bell = ReturnType<typeof createBell>
