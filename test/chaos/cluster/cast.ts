import type { Personality } from '@session-broker/stage/site'

/** A site with one account, how it behaves, and what its people suffer. */
export interface Role {
  account: string
  /** Their names; several share the account. */
  sessions: readonly string[]
  personality: Partial<Personality>
  /** Its sessions are ended at the site after a pause of so long. */
  killedAfterMs: readonly [least: number, most: number]
  /** Now and then it is down, for so long at most. */
  downForMs?: number
  loginsPerDay: number
}

const plenty = 100_000
/** Longer than a lock lives that nobody renews (4 s). */
const slowLoginMs = 4_200
/**
 * A broker hangs up when this is over, and nobody can know how long a site goes on then. So there is room for the slowest site
 * after the longest pause that a login outlives (pausesMs in nemesis/plan-faults.ts).
 */
const loginTimeoutMs = 9_000

export const role = (account: string, rest: Partial<Role>): Role => ({
  account,
  sessions: [account],
  personality: {},
  killedAfterMs: [150, 700],
  loginsPerDay: plenty,
  ...rest,
})

const roles: readonly Role[] = [
  role('quick', {}),
  role('quicker', {}),
  role('busy', { personality: { loginDelayMs: 100 } }),
  role('steady', { personality: { loginDelayMs: 600 }, killedAfterMs: [500, 1_500] }),
  role('slow', { personality: { loginDelayMs: slowLoginMs }, killedAfterMs: [1_000, 4_000] }),
  role('single', {
    sessions: ['single-a', 'single-b'],
    personality: { singleSession: true, loginDelayMs: 150 },
    killedAfterMs: [2_000, 6_000],
  }),
  role('rotating', { personality: { rotateEveryMs: 300 }, killedAfterMs: [1_500, 3_000] }),
  role('short-lived', {
    personality: { lifetimeMs: 4_000, datedCookie: true },
    killedAfterMs: [8_000, 12_000],
  }),
  role('flaky', { downForMs: 1_500, killedAfterMs: [300, 1_000] }),
  role('frugal', { loginsPerDay: 25, killedAfterMs: [500, 1_000] }),
]

export interface Cast {
  roles: readonly Role[]
  loginTimeoutMs: number
  /** At once in one broker. */
  maxLogins: number
}

export const castOverHttp: Cast = { roles, loginTimeoutMs, maxLogins: 8 }

/** A browser takes seconds where plain HTTP takes milliseconds: fewer people, with more patience. */
export const castWithBrowser: Cast = {
  roles: roles.filter(({ account }) => ['steady', 'slow', 'single'].includes(account)),
  loginTimeoutMs: 30_000,
  maxLogins: 1,
}
