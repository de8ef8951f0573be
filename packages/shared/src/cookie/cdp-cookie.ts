import type { Cookie } from './cookie.ts'

/** The fields of CDP `Network.Cookie` that a session carries (`Storage.getCookies` gives them). */
export interface CdpCookie {
  name: string
  value: string
  domain: string
  path: string
  expires: number
  httpOnly: boolean
  secure: boolean
  sameSite?: 'Strict' | 'Lax' | 'None'
  priority?: 'Low' | 'Medium' | 'High'
  sourceScheme?: 'Unset' | 'NonSecure' | 'Secure'
  sourcePort?: number
  partitionKey?: { topLevelSite: string; hasCrossSiteAncestor: boolean }
  /** A partition of an opaque origin: it means nothing outside the browser that made it. */
  partitionKeyOpaque?: boolean
}

/** CDP `Network.CookieParam`, as `Storage.setCookies` takes it: a session cookie has no `expires`. */
export interface CdpCookieParam extends Omit<CdpCookie, 'expires' | 'partitionKeyOpaque'> {
  expires?: number
}

/** @returns the cookie as it travels, or `undefined` where its partition cannot leave this browser. */
export function fromCdpCookie(cdp: CdpCookie): Cookie | undefined {
  if (cdp.partitionKeyOpaque) return undefined
  const { name, value, domain, path, expires, httpOnly, secure, partitionKey } = cdp
  return {
    name,
    value,
    domain,
    path,
    expires,
    httpOnly,
    secure,
    ...(cdp.sameSite && { sameSite: cdp.sameSite }),
    // An empty topLevelSite would be stored as an unpartitioned cookie.
    ...(partitionKey?.topLevelSite && {
      partitionKey: partitionKey.topLevelSite,
      _crHasCrossSiteAncestor: partitionKey.hasCrossSiteAncestor,
    }),
    ...(cdp.priority && { priority: cdp.priority }),
    ...(cdp.sourceScheme && { sourceScheme: cdp.sourceScheme }),
    ...(cdp.sourcePort !== undefined && { sourcePort: cdp.sourcePort }),
  }
}

/** The way back: `toCdpCookie(fromCdpCookie(c))` sets what `c` was read from. */
export function toCdpCookie(cookie: Cookie): CdpCookieParam {
  const { partitionKey, _crHasCrossSiteAncestor, expires, ...same } = cookie
  return {
    ...same,
    ...(expires >= 0 && { expires }),
    ...(partitionKey !== undefined && {
      partitionKey: { topLevelSite: partitionKey, hasCrossSiteAncestor: _crHasCrossSiteAncestor ?? false },
    }),
  }
}
