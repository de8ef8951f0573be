import type { Bench } from './bench-row.ts'
import { compareWithBareRoute } from './compare-with-bare-route.ts'

/** The whole state: 50 cookies, the key checked, metrics on. */
export const benchReadCookies: Bench = (length) =>
  compareWithBareRoute({ what: 'GET /session/cookies, 50 cookies', goal: 0.9, status: 200 }, length)
