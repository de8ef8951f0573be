import { CdpError } from './cdp-error.ts'
import type { ChromeConnection } from './connect-to-chrome.ts'
import { type HiddenPage, openHiddenPage } from './hidden-page.ts'
import { standOnOrigin } from './stand-on-origin.ts'

/**
 * An origin of the worker's own in each Chrome profile, for what workers keep there and agree on (`.invalid` is nobody's: RFC 6761). It is
 * a secure context, so localStorage and Web Locks are there; nothing is ever asked of the network.
 */
export const ownOrigin = 'https://session-broker.invalid'

/**
 * Opens a hidden page on the worker's own origin, in the default context. Whoever opens it closes it.
 * @throws CdpError `command_refused` where Chrome will not go there; when Chrome is away; the signal's reason
 */
export async function openOwnPage(
  chrome: ChromeConnection,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<HiddenPage> {
  const page = await openHiddenPage(chrome, { signal })
  try {
    if (await standOnOrigin(page, ownOrigin, signal)) return page
    throw new CdpError('command_refused', `Chrome does not open ${ownOrigin}: does a policy block it?`)
  } catch (error) {
    await page.close()
    throw error
  }
}
