import type { Bench } from './bench-row.ts'
import { compareWithBareRoute } from './compare-with-bare-route.ts'

/** The same for a reader that has the state already. */
export const benchReadCookiesUnchanged: Bench = (length) =>
  compareWithBareRoute({ what: 'the same with If-None-Match', goal: 1, status: 304 }, length)
