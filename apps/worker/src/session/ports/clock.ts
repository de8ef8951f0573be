/** Time as the domain sees it, so that tests can turn it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that only count on, whatever the wall clock is set to. */
  monotonicMs(): number
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Evenly spread in [0, 1). */
  random(): number
}
