import type { Clock } from './ports/clock.ts'

/** The time that a login has. */
export interface LoginTime {
  leftMs(): number
  /** Aborted when it is over, or with the login. */
  signal: AbortSignal
  /** The time stands still while somebody else does the work. */
  standStill<T>(work: () => Promise<T>): Promise<T>
}

/** Runs `work` within `ms`. The work has to mind the signal. */
export async function withinLoginTime<T>(
  { clock, ms, signal }: { clock: Clock; ms: number; signal: AbortSignal },
  work: (time: LoginTime) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  let standing = new AbortController()
  let leftAtMs = ms
  let runningSinceMs: number | undefined

  const leftMs = () =>
    runningSinceMs === undefined ? leftAtMs : leftAtMs - (clock.monotonicMs() - runningSinceMs)

  function run(): void {
    runningSinceMs = clock.monotonicMs()
    standing = new AbortController()
    const { signal: stopped } = standing
    void clock.wait(leftAtMs, stopped).then(() => {
      if (!stopped.aborted) late.abort(new Error('the time for this is over'))
    })
  }

  function stop(): void {
    leftAtMs = leftMs()
    runningSinceMs = undefined
    standing.abort()
  }

  run()
  try {
    return await work({
      leftMs,
      signal: AbortSignal.any([signal, late.signal]),
      async standStill(others) {
        stop()
        try {
          return await others()
        } finally {
          run()
        }
      },
    })
  } finally {
    stop()
    // Whatever still waits in it has nothing to wait for.
    late.abort(new Error('the login has ended'))
  }
}
