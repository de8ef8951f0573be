import { type Cookie, cookieIdentity } from './cookie.ts'
import { isSameCookie, isUnexpired } from './same-cookie.ts'

/** The cookies of one revision. */
export interface CookieRevision {
  generation: number
  cookies: readonly Cookie[]
}

export interface CookieMerge {
  /** What was put into a browser. */
  base: CookieRevision
  /** What that browser holds now. */
  mine: readonly Cookie[]
  /** What the others have by now. */
  theirs: CookieRevision
  /** What this browser held when it was last seen, surely before `theirs` came to be; left out: nothing is known of that. */
  seen?: readonly Cookie[] | undefined
  /** Seconds since 1970: what has expired by then is deleted. */
  nowSeconds: number
}

/**
 * Three ways, cookie by cookie (name, domain, path and partition): what this browser has changed since `base`, or deleted, stays as
 * it is here; all else is as `theirs` has it. Where both have changed one differently, the later counts: `theirs`, if this browser's is
 * as it was `seen` before; otherwise this browser's, as the site's latest word to it, which nobody else has yet. Whether that is a
 * good one, the check decides when it is written back.
 * @throws RangeError across generations: another login's cookies are never mixed in.
 */
export function mergeCookies({ base, mine, theirs, seen, nowSeconds }: CookieMerge): Cookie[] {
  if (base.generation !== theirs.generation) {
    throw new RangeError(
      `cookies of generation ${base.generation} are not merged with those of ${theirs.generation}`,
    )
  }
  const live = (cookies: readonly Cookie[]) =>
    new Map(
      cookies
        .filter((cookie) => isUnexpired(cookie, nowSeconds))
        .map((cookie) => [cookieIdentity(cookie), cookie]),
    )
  const [was, here, there] = [live(base.cookies), live(mine), live(theirs.cookies)]
  const earlier = seen && live(seen)
  const isSame = (a: Cookie | undefined, b: Cookie | undefined) =>
    a === undefined || b === undefined ? a === b : isSameCookie(a, b, nowSeconds)
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((identity) => {
      const [before, own, other] = [was.get(identity), here.get(identity), there.get(identity)]
      // The browser knows most of a cookie, so of two that are the same its own.
      if (isSame(own, other)) return own
      if (isSame(before, own)) return other
      const isOlder = earlier !== undefined && isSame(earlier.get(identity), own)
      return isOlder && !isSame(before, other) ? other : own
    })
    .filter((cookie) => cookie !== undefined)
}
