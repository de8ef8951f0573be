import type { Cookie } from '@session-broker/shared'
import type { HeldCookie } from '../in-browser/open-context.ts'
import type { PuppeteerCookie, PuppeteerHeldCookie } from './puppeteer-types.ts'

/** For `browserContext.setCookie(...cookies)`: with every attribute, partitions included. */
export function toPuppeteerCookies(cookies: readonly Cookie[]): PuppeteerCookie[] {
  return cookies.map(({ partitionKey, _crHasCrossSiteAncestor: crossSite, expires, ...same }) => ({
    ...same,
    ...(expires >= 0 && { expires }),
    ...(partitionKey !== undefined && {
      partitionKey: { sourceOrigin: partitionKey, hasCrossSiteAncestor: crossSite ?? false },
    }),
  }))
}

/** The way back. */
export function fromPuppeteerCookie(cookie: PuppeteerHeldCookie): HeldCookie {
  const { name, value, domain, path, expires, httpOnly = false, secure, sameSite, partitionKey } = cookie
  const partition = typeof partitionKey === 'string' ? { sourceOrigin: partitionKey } : partitionKey
  return {
    ...{ name, value, domain, path, expires, httpOnly, secure },
    ...(sameSite && sameSite !== 'Default' && { sameSite }),
    ...(partition && {
      partitionKey: partition.sourceOrigin,
      _crHasCrossSiteAncestor: partition.hasCrossSiteAncestor ?? false,
    }),
  }
}
