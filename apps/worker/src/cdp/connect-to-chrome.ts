import type { CdpSession } from './cdp-session.ts'
import { type CdpTransport, openTransport } from './cdp-transport.ts'
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

const usualPulse: PulseOptions = { everyMs: 5_000, withinMs: 10_000 }

/**
 * Connects to the Chrome that listens at `cdpUrl` (`http://127.0.0.1:9222`, or its `ws://` address).
 *
 * @throws CdpError `chrome_unreachable`, in one sentence that says how to start one
 */
export async function connectToChrome(
  cdpUrl: string,
  { signal, timeoutMs = 5_000, pulse = usualPulse }: ConnectOptions = {},
): Promise<ChromeConnection> {
  const bound = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  try {
    const endpoint = await findEndpoint(cdpUrl, bound)
    return await connectOver(await openTransport(endpoint, bound), { timeoutMs, pulse })
  } catch (error) {
    signal?.throwIfAborted()
    if (bound.aborted) throw notThere(new URL(cdpUrl), error)
    throw error
  }
}

/** The same to the Chrome at the other end of a transport; a Chrome that does not answer ends it. */
export async function connectOver(
  transport: CdpTransport,
  { timeoutMs = 5_000, pulse = usualPulse }: Omit<ConnectOptions, 'signal'> = {},
): Promise<ChromeConnection> {
  const dispatch = createDispatch(transport)
  const browser = dispatch.inSession(undefined)
  const { closed, close } = transport
  try {
    const { product, userAgent } = await browser.send('Browser.getVersion', undefined, { timeoutMs })
    void keepPulse(browser, { ...pulse, closed }).then(close)
    return { ...browser, ...dispatch, product, userAgent, closed, close }
  } catch (error) {
    close()
    throw error
  }
}
