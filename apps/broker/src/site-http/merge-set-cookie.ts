import { type Cookie, cookieIdentity, isTrustworthy } from '@session-broker/shared'
import { getPublicSuffix, Cookie as ParsedCookie } from 'tough-cookie'

/** Chrome keeps no cookie longer than this. */
const longestLifeSeconds = 400 * 24 * 60 * 60

/**
 * The cookies after a response from `url` has set one (RFC 6265 §5.3). Returns the same array where nothing
 * changed, so that a caller sees by identity whether there is anything to keep.
 */
export function mergeSetCookie(
  cookies: readonly Cookie[],
  header: string,
  { url, nowSeconds }: { url: URL; nowSeconds: number },
): readonly Cookie[] {
  const parsed = ParsedCookie.parse(header, { loose: true })
  if (!parsed) return cookies
  const fresh = toCookie(parsed, url, nowSeconds)
  if (!fresh) return cookies
  const identity = cookieIdentity(fresh)
  const index = cookies.findIndex((cookie) => cookieIdentity(cookie) === identity)
  const known = cookies[index]
  if (fresh.expires >= 0 && fresh.expires <= nowSeconds) {
    return known ? cookies.filter((_, at) => at !== index) : cookies
  }
  if (!known) return [...cookies, fresh]
  const next: Cookie = { ...known, ...fresh }
  if (!fresh.sameSite) delete next.sameSite
  return isSame(known, next) ? cookies : cookies.with(index, next)
}

function toCookie(parsed: ParsedCookie, url: URL, nowSeconds: number): Cookie | undefined {
  const host = url.hostname
  const asked = parsed.domain?.replace(/^\./, '').toLowerCase()
  const isForeign = asked !== undefined && asked !== host && !host.endsWith(`.${asked}`)
  if (isForeign || (parsed.secure && !isTrustworthy(url))) return undefined
  return {
    name: parsed.key,
    value: parsed.value,
    domain: asked === undefined || asked === '' ? host : `.${asked}`,
    path: parsed.path?.startsWith('/') ? parsed.path : defaultPath(url),
    expires: expirySeconds(parsed, nowSeconds),
    httpOnly: parsed.httpOnly,
    secure: parsed.secure,
    ...sameSiteOf(parsed),
    ...(isPartitioned(parsed) && { partitionKey: siteOf(url), _crHasCrossSiteAncestor: false }),
  }
}

function expirySeconds({ maxAge, expires }: ParsedCookie, nowSeconds: number): number {
  const latest = nowSeconds + longestLifeSeconds
  if (typeof maxAge === 'number') return maxAge <= 0 ? 0 : Math.min(nowSeconds + maxAge, latest)
  if (maxAge === '-Infinity') return 0
  if (expires instanceof Date) return Math.min(Math.max(0, expires.getTime() / 1000), latest)
  return -1
}

function sameSiteOf({ sameSite }: ParsedCookie): Pick<Cookie, 'sameSite'> {
  switch (sameSite?.toLowerCase()) {
    case 'strict':
      return { sameSite: 'Strict' }
    case 'lax':
      return { sameSite: 'Lax' }
    case 'none':
      return { sameSite: 'None' }
    default:
      return {}
  }
}

/** RFC 6265 §5.1.4. */
function defaultPath({ pathname }: URL): string {
  const end = pathname.lastIndexOf('/')
  return end <= 0 ? '/' : pathname.slice(0, end)
}

function isPartitioned({ extensions }: ParsedCookie): boolean {
  return extensions?.some((extension) => extension.trim().toLowerCase() === 'partitioned') ?? false
}

function siteOf({ protocol, hostname }: URL): string {
  return `${protocol}//${getPublicSuffix(hostname, { allowSpecialUseDomain: true, ignoreError: true }) ?? hostname}`
}

function isSame(a: Cookie, b: Cookie): boolean {
  // Sliding sessions renew the date on each answer; a second more or less is no change worth a revision.
  const sameExpiry = Math.abs(a.expires - b.expires) < 1
  return sameExpiry && JSON.stringify({ ...a, expires: 0 }) === JSON.stringify({ ...b, expires: 0 })
}
