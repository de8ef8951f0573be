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
  /** Seconds since 1970: what has expired by then is deleted. */
  nowSeconds: number
}

/**
 * Three ways, cookie by cookie (name, domain, path and partition): what this browser has changed since `base`, or deleted, stays as
 * it is here; all else is as `theirs` has it. So where both have changed one, this browser's counts: it is the site's latest word to
 * it, and nobody else has it yet. Whether it is a good one, the check decides when it is written back.
 * @throws RangeError across generations: another login's cookies are never mixed in.
 */
export function mergeCookies({ base, mine, theirs, nowSeconds }: CookieMerge): Cookie[] {
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
  const isSame = (a: Cookie | undefined, b: Cookie | undefined) =>
    a === undefined || b === undefined ? a === b : isSameCookie(a, b, nowSeconds)
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((identity) => {
      const [before, own, other] = [was.get(identity), here.get(identity), there.get(identity)]
      // The browser knows most of a cookie, so of two that are the same its own.
      return isSame(before, own) && !isSame(own, other) ? other : own
    })
    .filter((cookie) => cookie !== undefined)
}
