import type { Cookie } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { type CookieJar, cookieJar } from './chrome-cookies.ts'
import { compareCookies } from './compare-cookies.ts'
import { whyRefused } from './why-refused.ts'

/** A cookie that this Chrome would not hold as it is; its value is not told. */
export interface RefusedCookie {
  readonly name: string
  readonly domain: string
  readonly reason: string
}

/**
 * Tries the cookies in a throwaway BrowserContext, which nothing else sees: `Storage.setCookies` refuses a batch
 * without a name, and answers ok to cookies that it drops.
 *
 * @returns those that this Chrome refuses, drops or would change
 */
export async function validateCookies(
  chrome: ChromeConnection,
  cookies: readonly Cookie[],
  { nowSeconds, signal }: { nowSeconds: () => number; signal?: AbortSignal | undefined },
): Promise<RefusedCookie[]> {
  // Not ended by the signal: a context that is on its way could not be disposed of.
  const { browserContextId } = await chrome.send('Target.createBrowserContext', { disposeOnDetach: true })
  try {
    const jar = cookieJar(chrome, { browserContextId, signal })
    const refused = await setAll(jar, cookies)
    const taken = cookies.filter((cookie) => !refused.has(cookie))
    const { missing } = compareCookies(taken, await jar.read(), nowSeconds())
    return cookies
      .filter((cookie) => refused.has(cookie) || missing.includes(cookie))
      .map((cookie) => ({
        name: cookie.name,
        domain: cookie.domain,
        reason: whyRefused(cookie, refused.has(cookie) ? 'refused' : 'dropped'),
      }))
  } finally {
    await chrome.send('Target.disposeBrowserContext', { browserContextId })
  }
}

/** @returns the cookies that Chrome refuses: the batch is tried first, and only a bad one is taken apart. */
async function setAll(jar: CookieJar, cookies: readonly Cookie[]): Promise<Set<Cookie>> {
  const refused = new Set<Cookie>()
  if (await isTaken(jar, cookies)) return refused
  // In the order of the batch: Chrome answers one connection's commands one after the other.
  await Promise.all(
    cookies.map(async (cookie) => {
      if (!(await isTaken(jar, [cookie]))) refused.add(cookie)
    }),
  )
  return refused
}

async function isTaken(jar: CookieJar, cookies: readonly Cookie[]): Promise<boolean> {
  try {
    await jar.set(cookies)
    return true
  } catch (error) {
    if (error instanceof CdpError && error.code === 'command_refused') return false
    throw error
  }
}
