import type { Cookie } from './cookie.ts'

/** Chrome keeps a cookie no longer than this, whatever it says (RFC 6265bis §5.5). */
const longestSeconds = 400 * 24 * 60 * 60
/** Where Chrome cuts, it cuts by its own clock. */
const clockSeconds = 24 * 60 * 60

/**
 * Whether two cookies of one identity say the same, attribute by attribute. What one of them says nothing about (a `Set-Cookie`
 * knows no source, a hand-made one may lack the priority) is as the other has it.
 */
export function isSameCookie(a: Cookie, b: Cookie, nowSeconds: number): boolean {
  return saysSame(a, b) && isSameExpiry(a.expires, b.expires, nowSeconds)
}

/** The same, whatever it says of its end. */
export function saysSame(a: Cookie, b: Cookie): boolean {
  return (
    a.value === b.value &&
    a.httpOnly === b.httpOnly &&
    a.secure === b.secure &&
    a.sameSite === b.sameSite &&
    (a.priority ?? b.priority) === (b.priority ?? a.priority) &&
    (a.sourceScheme ?? b.sourceScheme) === (b.sourceScheme ?? a.sourceScheme) &&
    (a.sourcePort ?? b.sourcePort) === (b.sourcePort ?? a.sourcePort)
  )
}

/** Whether a browser would still have it. */
export function isUnexpired({ expires }: Pick<Cookie, 'expires'>, nowSeconds: number): boolean {
  return expires < 0 || expires > nowSeconds
}

function isSameExpiry(a: number, b: number, nowSeconds: number): boolean {
  if (a < 0 || b < 0) return a < 0 && b < 0
  // Chrome counts in microseconds.
  if (Math.abs(a - b) < 1e-5) return true
  const isCut = (expires: number) => expires > nowSeconds + longestSeconds - clockSeconds
  return isCut(a) && isCut(b)
}
