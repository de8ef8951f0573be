import type { Cookie, SessionState } from '@session-broker/shared'
import { canonicalDomain } from './cookies-to-set.ts'

/** What a session occupies in a Chrome, by name: what the next generation may replace or remove. */
export interface OwnedSites {
  /** Cookie domains without the leading dot. */
  readonly domains: readonly string[]
  /** Origins with storage. */
  readonly origins: readonly string[]
}

/** The domains and origins of the old and the new state: a session owns these and nothing else. */
export function ownedSites(
  state: Pick<SessionState, 'cookies' | 'origins'>,
  previous?: OwnedSites,
): OwnedSites {
  return {
    domains: [
      ...new Set([
        ...(previous?.domains ?? []),
        ...state.cookies.map(({ domain }) => withoutDot(canonicalDomain(domain))),
      ]),
    ],
    origins: [...new Set([...(previous?.origins ?? []), ...state.origins.map(({ origin }) => origin)])],
  }
}

/** Whether the cookie is on one of the domains, for the host alone or for its sub-domains too. */
export function isOwned({ domains }: OwnedSites, cookie: Pick<Cookie, 'domain'>): boolean {
  return domains.includes(withoutDot(cookie.domain))
}

/** Whether a page at `url` is one that the session's cookies or storage are for. */
export function concerns({ domains, origins }: OwnedSites, url: string): boolean {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return false
  const { hostname, origin } = parsed
  return (
    origins.includes(origin) ||
    domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`))
  )
}

/** Every host whose requests carry the session: the domains', and those of the origins. */
export function ownedHosts({ domains, origins }: OwnedSites): string[] {
  const hosts = origins.map((origin) => URL.parse(origin)?.hostname ?? '')
  return [...new Set([...domains, ...hosts])].filter((host) => host !== '')
}

function withoutDot(domain: string): string {
  return domain.replace(/^\./, '')
}
