import type { Cookie, SessionState } from '@session-broker/shared'
import type { Concerns } from './open-context.ts'

type State = Pick<SessionState, 'cookies' | 'origins'>

/** What a session owns in a browser: the cookie domains of its newest state and of the one before, and the hosts of its origins. */
export function ownedDomains(state: State, former: State | undefined) {
  const domains = new Set([...state.cookies, ...(former?.cookies ?? [])].map(bareDomain))
  const hosts = [...state.origins, ...(former?.origins ?? [])].map(({ origin }) => new URL(origin).hostname)
  const all = [...new Set([...domains, ...hosts])]
  const concerns: Concerns = ({ hostname }) =>
    all.some((host) => hostname === host || hostname.endsWith(`.${host}`))
  return { owns: (cookie: Pick<Cookie, 'domain'>) => domains.has(bareDomain(cookie)), concerns }
}

function bareDomain({ domain }: Pick<Cookie, 'domain'>): string {
  return domain.replace(/^\./, '').toLowerCase()
}
