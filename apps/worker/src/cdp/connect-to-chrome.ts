import type { CdpSession } from './cdp-session.ts'
import { openTransport } from './cdp-transport.ts'
import { createDispatch } from './dispatch.ts'
import { findEndpoint, notThere } from './find-endpoint.ts'
import { keepPulse, type PulseOptions } from './keep-pulse.ts'

/** A connection to the browser itself; its own `send` and `on` speak of the browser, `inSession` of one target. */
export interface ChromeConnection extends CdpSession {
  /** Product and version, for example `Chrome/156.0.8078.79`. */
  readonly product: string
  readonly userAgent: string
  /** The same connection, as an attached target (`Target.attachToTarget` with `flatten`) sees it. */
  inSession(sessionId: string): CdpSession
  /** Resolves when the connection has ended, from either side, or Chrome does not answer any more. Never rejects. */
  readonly closed: Promise<void>
  close(): void
}

export interface ConnectOptions {
  /** Ends the attempt; the connection is ended by `close`. */
  signal?: AbortSignal | undefined
  /** For the attempt; left out: 5 s. */
  timeoutMs?: number
  /** How a Chrome that hangs is noticed; left out: asked every 5 s, and given up after 10. */
  pulse?: PulseOptions
}

/**
 * Connects to the Chrome that listens at `cdpUrl` (`http://127.0.0.1:9222`, or its `ws://` address).
 *
 * @throws CdpError `chrome_unreachable`, in one sentence that says how to start one
 */
export async function connectToChrome(
  cdpUrl: string,
  { signal, timeoutMs = 5_000, pulse = { everyMs: 5_000, withinMs: 10_000 } }: ConnectOptions = {},
): Promise<ChromeConnection> {
  const bound = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  try {
    const endpoint = await findEndpoint(cdpUrl, bound)
    const transport = await openTransport(endpoint, bound)
    const dispatch = createDispatch(transport)
    const browser = dispatch.inSession(undefined)
    try {
      const { product, userAgent } = await browser.send('Browser.getVersion', undefined, { timeoutMs })
      const { closed, close } = transport
      void keepPulse(browser, { ...pulse, closed }).then(close)
      return { ...browser, ...dispatch, product, userAgent, closed, close }
    } catch (error) {
      transport.close()
      throw error
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (bound.aborted) throw notThere(new URL(cdpUrl), error)
    throw error
  }
}
