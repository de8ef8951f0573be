import { type Cookie, fromCdpCookie, toCdpCookie } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'

/** The cookie jar of one browser context; without an id, the default one. */
export interface CookieJar {
  read(): Promise<Cookie[]>
  /**
   * All in one `Storage.setCookies`; Chrome refuses the whole call for one bad field, and is silent about what it
   * drops. What has expired is removed by it.
   */
  set(cookies: readonly Cookie[]): Promise<void>
}

export function cookieJar(
  chrome: ChromeConnection,
  { browserContextId, signal }: { browserContextId?: string | undefined; signal?: AbortSignal | undefined },
): CookieJar {
  const context = browserContextId === undefined ? {} : { browserContextId }
  return {
    async read() {
      const { cookies } = await chrome.send('Storage.getCookies', context, { signal })
      return cookies.map(fromCdpCookie).filter((cookie) => cookie !== undefined)
    },
    async set(cookies) {
      await chrome.send('Storage.setCookies', { cookies: cookies.map(toCdpCookie), ...context }, { signal })
    },
  }
}
