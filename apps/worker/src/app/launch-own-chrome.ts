import type { LaunchedChrome } from '@session-broker/chrome'
import type { Clock } from '../session/ports/clock.ts'

export interface LaunchOrder {
  headless: boolean
  /** A profile that stays; left out: a temporary one. */
  userDataDir?: string | undefined
  /** Left out: a free one. */
  port?: number | undefined
  /** Further flags for Chrome. */
  flags?: readonly string[] | undefined
}

/** A Chrome that this worker starts, and starts again when it has ended. */
export interface OwnChrome {
  /** The same through all restarts. */
  cdpUrl: string
  port: number
  ensureThere(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A Chrome that ends as soon as it has started is not started more often than that. */
const launchEveryMs = 2_000

/** Throws a `ChromeError` when the first start fails. */
export async function launchOwnChrome(
  order: LaunchOrder,
  clock: Clock,
  signal: AbortSignal,
): Promise<OwnChrome> {
  // Loaded by those who launch only.
  const { launchChrome } = await import('@session-broker/chrome')
  let current: LaunchedChrome | undefined
  let launchedAtMs = 0

  async function launch(port: number | undefined, bound: AbortSignal): Promise<LaunchedChrome> {
    launchedAtMs = clock.now()
    const launched = await launchChrome({ ...order, port, signal: bound })
    current = launched
    launched.exited.then(() => {
      if (current === launched) current = undefined
      return launched.close()
    })
    return launched
  }

  const { cdpUrl, port } = await launch(order.port, signal)
  return {
    cdpUrl,
    port,
    async ensureThere(bound) {
      if (current) return
      await clock.wait(Math.max(0, launchedAtMs + launchEveryMs - clock.now()), bound)
      bound.throwIfAborted()
      await launch(port, bound)
    },
    async close() {
      await current?.close()
    },
  }
}
