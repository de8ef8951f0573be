type Listener = (session: string | undefined) => void

/** Those who watch a store. */
export interface ChangeListeners {
  watch(listener: Listener): () => void
  /** The session's name, or undefined for "any may have changed". */
  tell(session: string | undefined): void
}

export function createChangeListeners(): ChangeListeners {
  const listeners = new Set<{ listener: Listener }>()
  return {
    watch(listener) {
      const entry = { listener }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
    tell(session) {
      // Each by itself and later: what a listener does wrong must not fail the write that it is told of.
      for (const entry of listeners) {
        queueMicrotask(() => listeners.has(entry) && entry.listener(session))
      }
    },
  }
}
