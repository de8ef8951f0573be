import type { SessionState } from '../state/session-state.ts'
import { siteOf } from './site-of.ts'

/**
 * What of a state belongs to the session: cookies and storage of the sites of the given addresses and hosts, and cookies that are
 * partitioned below one of them. What else the browser picked up on its way stays behind: an identity provider, adverts.
 */
export function keepOwnSites(
  state: SessionState,
  { urls, hosts }: { urls: readonly string[]; hosts: readonly string[] },
): SessionState {
  const sites = new Set([...urls.map((url) => new URL(url).hostname), ...hosts].map(siteOf))
  const isKept = (host: string) => sites.has(siteOf(host))
  return {
    ...state,
    cookies: state.cookies.filter(
      ({ domain, partitionKey }) =>
        isKept(domain) || (partitionKey !== undefined && isKept(new URL(partitionKey).hostname)),
    ),
    origins: state.origins.filter(({ origin }) => isKept(new URL(origin).hostname)),
  }
}

/** Where a state comes from: what belongs to these sites was the session's already. */
export function hostsOf({ cookies, origins }: SessionState): string[] {
  return [...cookies.map(({ domain }) => domain), ...origins.map(({ origin }) => new URL(origin).hostname)]
}
