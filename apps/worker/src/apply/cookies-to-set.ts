import { type Cookie, cookieIdentity } from '@session-broker/shared'

/**
 * The cookies of a state as Chrome will hold them: domains in lower case and punycode, paths percent-encoded. What
 * has expired since the capture is left out, as any browser would by now have dropped it; of two with one identity
 * the later counts.
 *
 * @param nowSeconds seconds since 1970
 */
export function cookiesToSet(cookies: readonly Cookie[], nowSeconds: number): Cookie[] {
  const byIdentity = new Map<string, Cookie>()
  for (const cookie of cookies) {
    if (cookie.expires >= 0 && cookie.expires <= nowSeconds) continue
    const asHeld = { ...cookie, domain: canonicalDomain(cookie.domain), path: canonicalPath(cookie.path) }
    byIdentity.set(cookieIdentity(asHeld), asHeld)
  }
  return [...byIdentity.values()]
}

/** The domain in Chrome's spelling: lower case, punycode. */
export function canonicalDomain(domain: string): string {
  const dot = domain.startsWith('.') ? '.' : ''
  return dot + (URL.parse(`http://${domain.slice(dot.length)}`)?.hostname ?? domain.slice(dot.length))
}

function canonicalPath(path: string): string {
  if (!path.startsWith('/')) return path
  return URL.parse(path.replaceAll('?', '%3F').replaceAll('#', '%23'), 'http://localhost')?.pathname ?? path
}
