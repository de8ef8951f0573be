import type { Cookie } from './cookie.ts'

/**
 * The cookies that a browser would send with a top-level request to `url`, in the order of
 * RFC 6265 §5.4: longer paths first, otherwise as stored. Partitioned cookies are sent only where the
 * partition is the url's own site.
 * @param nowSeconds seconds since 1970; cookies that have expired by then are left out.
 */
export function matchCookies(cookies: readonly Cookie[], url: URL, nowSeconds: number): Cookie[] {
  return cookies
    .filter(
      (cookie) =>
        (cookie.expires < 0 || cookie.expires > nowSeconds) &&
        domainMatches(cookie.domain, url.hostname) &&
        pathMatches(cookie.path, url.pathname) &&
        (!cookie.secure || isTrustworthy(url)) &&
        (cookie.partitionKey === undefined || isWithinSite(url, cookie.partitionKey)),
    )
    .sort((a, b) => b.path.length - a.path.length)
}

/** The value of a `Cookie:` request header (RFC 6265 §4.2.1); empty where nothing matches. */
export function cookieHeader(cookies: readonly Cookie[], url: URL, nowSeconds: number): string {
  return matchCookies(cookies, url, nowSeconds)
    .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
    .join('; ')
}

function domainMatches(domain: string, host: string): boolean {
  if (!domain.startsWith('.')) return host === domain.toLowerCase()
  const suffix = domain.toLowerCase()
  return host === suffix.slice(1) || host.endsWith(suffix)
}

/** RFC 6265 §5.1.4. */
function pathMatches(cookiePath: string, path: string): boolean {
  if (!path.startsWith(cookiePath)) return false
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/'
}

/** Where Chrome takes and sends Secure cookies: https, and loopback over plain HTTP too. */
export function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function isWithinSite(url: URL, site: string): boolean {
  const top = new URL(site)
  return url.protocol === top.protocol && domainMatches(`.${top.hostname}`, url.hostname)
}
