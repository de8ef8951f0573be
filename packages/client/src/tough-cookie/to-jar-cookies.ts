import type { Cookie } from '@session-broker/shared'
import { canonicalDomain, Cookie as JarCookie } from 'tough-cookie'

/**
 * The cookies of a state for a jar. Each of its requests is like a visit to the address itself, so a partitioned
 * cookie is there where its partition is its own site, and left out where the site was embedded in another one.
 */
export function toJarCookies(cookies: readonly Cookie[]): JarCookie[] {
  return cookies.filter(isOfItsOwnSite).map(
    (cookie) =>
      new JarCookie({
        key: cookie.name,
        value: cookie.value,
        domain: canonicalDomain(bare(cookie.domain)) ?? bare(cookie.domain),
        hostOnly: !cookie.domain.startsWith('.'),
        path: cookie.path,
        expires: cookie.expires < 0 ? 'Infinity' : new Date(cookie.expires * 1000),
        secure: cookie.secure,
        httpOnly: cookie.httpOnly,
        sameSite: cookie.sameSite?.toLowerCase(),
        ...(cookie.partitionKey !== undefined && { extensions: ['Partitioned'] }),
      }),
  )
}

export const bare = (domain: string) => domain.replace(/^\./, '')

function isOfItsOwnSite({ domain, partitionKey, _crHasCrossSiteAncestor: crossSite }: Cookie): boolean {
  if (partitionKey === undefined) return true
  const site = URL.parse(partitionKey)?.hostname
  const host = bare(domain)
  return !crossSite && site !== undefined && (host === site || host.endsWith(`.${site}`))
}
