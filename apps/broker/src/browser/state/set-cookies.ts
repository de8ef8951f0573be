import { type Cookie, toCdpCookie } from '@session-broker/shared'
import type { Browser, BrowserContext, Page } from 'playwright'
import { contextId } from './capture-state.ts'

/** Puts cookies into a context with all that CDP knows of them; `addCookies` knows less. */
export async function setCookies(
  browser: Browser,
  context: BrowserContext,
  page: Page,
  cookies: readonly Cookie[],
): Promise<void> {
  const browserContextId = await contextId(context, page)
  const session = await browser.newBrowserCDPSession()
  try {
    await session.send('Storage.setCookies', {
      cookies: cookies.map(toCdpCookie),
      ...(browserContextId && { browserContextId }),
    })
  } finally {
    await session.detach()
  }
}
