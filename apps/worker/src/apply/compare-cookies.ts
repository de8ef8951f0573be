import { type Cookie, cookieIdentity } from '@session-broker/shared'

/** Chrome keeps a cookie no longer than this, whatever it says (RFC 6265bis §5.5). */
const longestSeconds = 400 * 24 * 60 * 60
/** Where Chrome cuts, it cuts by its own clock. */
const clockSeconds = 24 * 60 * 60

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
      return !found || !isSame(cookie, found, nowSeconds)
    }),
    foreign: held.filter((cookie) => !identities.has(cookieIdentity(cookie))),
  }
}

/** What the state says nothing about (a hand-made one may lack priority or source) is as Chrome chose it. */
function isSame(wanted: Cookie, held: Cookie, nowSeconds: number): boolean {
  return (
    wanted.value === held.value &&
    wanted.httpOnly === held.httpOnly &&
    wanted.secure === held.secure &&
    wanted.sameSite === held.sameSite &&
    isSameExpiry(wanted.expires, held.expires, nowSeconds) &&
    (wanted.priority ?? held.priority) === held.priority &&
    (wanted.sourceScheme ?? held.sourceScheme) === held.sourceScheme &&
    (wanted.sourcePort ?? held.sourcePort) === held.sourcePort
  )
}

function isSameExpiry(wanted: number, held: number, nowSeconds: number): boolean {
  if (wanted < 0 || held < 0) return wanted < 0 && held < 0
  // Chrome counts in microseconds.
  if (Math.abs(wanted - held) < 1e-5) return true
  const limit = nowSeconds + longestSeconds
  return wanted > limit - clockSeconds && Math.abs(held - limit) < clockSeconds
}
