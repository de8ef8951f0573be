import { type Cookie, fromCdpCookie, type SessionState } from '@session-broker/shared'
import type { Browser, BrowserContext, Page } from 'playwright'
import { readClientHints } from '../house/client-hints.ts'

/** The whole state of a context, and what its browser says of itself. */
export async function captureState(
  browser: Browser,
  context: BrowserContext,
  page: Page,
): Promise<SessionState> {
  const [holdings, userAgent, userAgentMetadata] = await Promise.all([
    captureHoldings(browser, context, page),
    page.evaluate(() => navigator.userAgent),
    readClientHints(page),
  ])
  return { userAgent, ...(userAgentMetadata && { userAgentMetadata }), ...holdings }
}

/**
 * What a context holds. Cookies come from CDP `Storage.getCookies` for exactly this context: Playwright's own
 * `cookies()` loses priority and source, and turns an unset SameSite into Lax.
 */
export async function captureHoldings(
  browser: Browser,
  context: BrowserContext,
  page: Page,
): Promise<Pick<SessionState, 'cookies' | 'origins'>> {
  const [cookies, { origins }] = await Promise.all([
    captureCookies(browser, context, page),
    context.storageState({ indexedDB: true }),
  ])
  return { cookies, origins: origins as SessionState['origins'] }
}

export async function captureCookies(
  browser: Browser,
  context: BrowserContext,
  page: Page,
): Promise<Cookie[]> {
  const browserContextId = await contextId(context, page)
  const session = await browser.newBrowserCDPSession()
  try {
    const { cookies } = await session.send('Storage.getCookies', {
      ...(browserContextId && { browserContextId }),
    })
    return cookies.map(fromCdpCookie).filter((cookie) => cookie !== undefined)
  } finally {
    await session.detach()
  }
}

/** CDP's id of a Playwright context, which only its pages know. */
export async function contextId(context: BrowserContext, page: Page): Promise<string | undefined> {
  const session = await context.newCDPSession(page)
  try {
    const { targetInfo } = await session.send('Target.getTargetInfo')
    return targetInfo.browserContextId
  } finally {
    await session.detach()
  }
}
