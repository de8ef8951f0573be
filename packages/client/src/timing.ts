/** How long the client waits for what; all of it can be set for slow links, and by tests. */
export interface Timing {
  /** For an answer that the broker gives at once. */
  answerWithinMs: number
  /** Between two looks at a refresh that runs. */
  operationEveryMs: number
  /** For a refresh: the wait for an earlier login's permit, a login, the checks. */
  operationWithinMs: number
  /** For the first byte of an event stream. */
  firstByteWithinMs: number
  /** Between two bytes of an event stream; three missed heartbeats. */
  silentMs: number
  reconnect: { firstMs: number; longestMs: number }
  /** An event stream that held for so long was a good one. */
  steadyMs: number
  /** Without events: how long to poll before they are tried again. */
  pollForMs: number
  pollEveryMs: number
  pollWaitSeconds: number
}

export const defaultTiming: Timing = {
  answerWithinMs: 10_000,
  operationEveryMs: 500,
  operationWithinMs: 5 * 60_000,
  firstByteWithinMs: 10_000,
  silentMs: 45_000,
  reconnect: { firstMs: 500, longestMs: 15_000 },
  steadyMs: 5_000,
  pollForMs: 5 * 60_000,
  pollEveryMs: 1_000,
  pollWaitSeconds: 25,
}
