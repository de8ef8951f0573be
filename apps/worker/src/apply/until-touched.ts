/** A signal that ends a piece of work until it has begun to change something; from then on it is brought to its end. */
export interface UntilTouched {
  readonly signal: AbortSignal
  /** The first change comes now. @throws the signal's reason, where it was quicker */
  touch(): void
}

export function untilTouched(signal: AbortSignal): UntilTouched {
  const end = new AbortController()
  const onAbort = () => end.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return {
    signal: end.signal,
    touch() {
      end.signal.throwIfAborted()
      signal.removeEventListener('abort', onAbort)
    },
  }
}
