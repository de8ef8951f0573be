import { getDomain } from 'tldts'

/**
 * The site that a host belongs to: its registrable domain, by the public suffix list with the private suffixes in it, as
 * `shop.example` of `www.shop.example`. A host that has none is a site by itself: an address, `localhost`.
 */
export function siteOf(host: string): string {
  const name = host.toLowerCase().replace(/^\./, '')
  return getDomain(name, { allowPrivateDomains: true }) ?? name
}

/** Whether two addresses are of one site. */
export function isSameSite(url: string, other: string): boolean {
  return siteOf(new URL(url).hostname) === siteOf(new URL(other).hostname)
}
