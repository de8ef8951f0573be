import type { SessionState } from '@session-broker/shared'

export interface Overlap {
  /** A cookie domain or an origin. */
  site: string
  /** The session that has it already. */
  owner: string
}

/**
 * Who owns what in one Chrome. A session owns the domains of its cookies and the origins of its storage; two sessions that
 * share one would remove each other's cookies for ever.
 */
export function createClaims() {
  const owners = new Map<string, string>()
  return {
    /** Takes everything that the state has, or nothing and tells what another session has already. */
    claim(session: string, state: Pick<SessionState, 'cookies' | 'origins'>): Overlap | undefined {
      const sites = sitesOf(state)
      for (const site of sites) {
        const owner = owners.get(site)
        if (owner !== undefined && owner !== session) return { site, owner }
      }
      for (const site of sites) owners.set(site, session)
      return undefined
    },
    release(session: string): void {
      for (const [site, owner] of owners) if (owner === session) owners.delete(site)
    },
  }
}

export type Claims = ReturnType<typeof createClaims>

/** What a session owns in a Chrome. */
export function sitesOf({ cookies, origins }: Pick<SessionState, 'cookies' | 'origins'>): Set<string> {
  const domains = cookies.map(({ domain }) => domain.replace(/^\./, '').toLowerCase())
  return new Set([...domains, ...origins.map(({ origin }) => origin)])
}
