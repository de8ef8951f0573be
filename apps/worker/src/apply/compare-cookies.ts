import { type Cookie, cookieIdentity, isSameCookie } from '@session-broker/shared'

export interface CookieDifferences {
  /** In the state, and not in Chrome as the state has them. */
  readonly missing: readonly Cookie[]
  /** In Chrome, and not in the state at all. */
  readonly foreign: readonly Cookie[]
}

/** Holds what Chrome has against what it should have, attribute by attribute. Order does not count. */
export function compareCookies(
  wanted: readonly Cookie[],
  held: readonly Cookie[],
  nowSeconds: number,
): CookieDifferences {
  const byIdentity = new Map(held.map((cookie) => [cookieIdentity(cookie), cookie]))
  const identities = new Set(wanted.map(cookieIdentity))
  return {
    missing: wanted.filter((cookie) => {
      const found = byIdentity.get(cookieIdentity(cookie))
      return !found || !isSameCookie(cookie, found, nowSeconds)
    }),
    foreign: held.filter((cookie) => !identities.has(cookieIdentity(cookie))),
  }
}
