import type { LaunchChromeOptions, LaunchedChrome, PipedChrome } from '@session-broker/chrome'
import { type ChromeConnection, connectOver, connectToChrome } from '../cdp/connect-to-chrome.ts'
import { pipeTransport } from '../cdp/pipe-transport.ts'
import type { Clock } from '../session/ports/clock.ts'

export interface LaunchOrder {
  headless: boolean
  /** A profile that stays; left out: a temporary one. */
  userDataDir?: string | undefined
  /** Left out: a free one. */
  port?: number | undefined
  /** No port: this worker alone can use it. */
  isPiped?: boolean | undefined
  /** Further flags for Chrome. */
  flags?: readonly string[] | undefined
}

/** A Chrome that this worker starts, and starts again when it has ended. */
export interface OwnChrome {
  /** The same through all restarts; `pipe:` where it has no port. */
  address: string
  /** Starts it where it is not there. */
  connect(signal: AbortSignal): Promise<ChromeConnection>
  close(): Promise<void>
}

type Launched = LaunchedChrome | PipedChrome

/** A Chrome that ends as soon as it has started is not started more often than that. */
const launchEveryMs = 2_000

/** Throws a `ChromeError` when the first start fails. */
export async function launchOwnChrome(
  order: LaunchOrder,
  clock: Clock,
  signal: AbortSignal,
): Promise<OwnChrome> {
  const start = await starterFor(order)
  let current: Launched | undefined
  /** It was connected to over its pipe, which bears one connection. */
  let isUsed = false
  let launchedAtMs = 0

  async function launch(port: number | undefined, bound: AbortSignal): Promise<Launched> {
    launchedAtMs = clock.now()
    const launched = await start({ ...order, port, signal: bound })
    current = launched
    isUsed = false
    launched.exited.then(() => {
      if (current === launched) current = undefined
      return launched.close()
    })
    return launched
  }

  /** The one that is there, where it can be connected to; else the next. */
  async function ensureThere(bound: AbortSignal): Promise<Launched> {
    // What a former connection has left undone would be there still.
    if (isUsed) await current?.close()
    if (current && !isUsed) return current
    await clock.wait(Math.max(0, launchedAtMs + launchEveryMs - clock.now()), bound)
    bound.throwIfAborted()
    return launch(port, bound)
  }

  const first = await launch(order.port, signal)
  const port = 'port' in first ? first.port : undefined
  return {
    address: 'cdpUrl' in first ? first.cdpUrl : 'pipe:',
    async connect(bound) {
      const chrome = await ensureThere(bound)
      if ('cdpUrl' in chrome) return connectToChrome(chrome.cdpUrl, { signal: bound })
      isUsed = true
      return connectOver(pipeTransport(chrome.pipe, chrome.exited))
    },
    async close() {
      await current?.close()
    },
  }
}

async function starterFor({
  isPiped,
}: LaunchOrder): Promise<(options: LaunchChromeOptions) => Promise<Launched>> {
  // Loaded by those who launch only.
  const { launchChrome, launchPipedChrome } = await import('@session-broker/chrome')
  return isPiped ? launchPipedChrome : launchChrome
}
