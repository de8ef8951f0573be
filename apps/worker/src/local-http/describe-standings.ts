import type { Standing } from '../session/standings.ts'

/** A round waits for a login at most: five minutes, and what is before and after it. */
const longestRoundMs = 10 * 60_000

/** What `/status` and `/look` answer with. */
export function describeStandings(standings: readonly Standing[]) {
  return {
    ready: isReady(standings),
    sessions: standings.map(({ session, worker, chrome, generation, revision, ...standing }) => ({
      ...{ session, worker, chrome: chrome ?? null, generation, revision },
      outcome: standing.outcome,
      detail: standing.detail ?? null,
      seen: standing.seen ?? null,
      since: new Date(standing.sinceMs).toISOString(),
      lookedAt: standing.lookedAtMs === undefined ? null : new Date(standing.lookedAtMs).toISOString(),
    })),
  }
}

/** Every session is in every Chrome, and none was seen signed out since. Before there is any, the worker is still starting. */
export function isReady(standings: readonly Standing[]): boolean {
  return (
    standings.length > 0 && standings.every(({ outcome, seen }) => isIn(outcome) && seen !== 'signed_out')
  )
}

/** No Chrome that is there has been left lying for longer than anything takes. */
export function isAlive(
  standings: readonly Standing[],
  { nowMs, lookEveryMs }: { nowMs: number; lookEveryMs: number },
): boolean {
  const since = nowMs - 2 * lookEveryMs - longestRoundMs
  return standings.every(({ chrome, passedAtMs }) => chrome === undefined || passedAtMs > since)
}

function isIn(outcome: Standing['outcome']): boolean {
  // What another worker keeps in needs none of us.
  return outcome === 'applied' || outcome === 'partial' || outcome === 'standing_by'
}
