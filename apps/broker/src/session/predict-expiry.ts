import type { SessionState } from '@session-broker/shared'

/**
 * When the state will probably have run out: the first of its HttpOnly cookies that has a date. Those carry logins;
 * scripts' own cookies (preferences, analytics) say nothing about them.
 */
export function predictExpiry(state: SessionState): { at: string; reason: string } | undefined {
  const [first] = state.cookies
    .filter((cookie) => cookie.httpOnly && cookie.expires > 0)
    .sort((a, b) => a.expires - b.expires)
  if (!first) return undefined
  return {
    at: new Date(first.expires * 1000).toISOString(),
    reason: `cookie ${first.name} of ${first.domain} expires`,
  }
}
