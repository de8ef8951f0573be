import { randomInt } from 'node:crypto'
import t from 'tap'
import { report } from './report.ts'
import { runChaos } from './run-chaos.ts'

/** Half a minute of what `npm run chaos` does for longer. A machine that is busy gets more time to come to its logins. */
const leastLogins = 75
t.setTimeout(300_000)

t.test(
  'four brokers and a nemesis: no session is replaced by an older one, no two logins overlap',
  async (t) => {
    const seed = randomInt(2 ** 31)
    t.comment(`seed ${seed}`)
    const result = await runChaos({ seed, durationMs: 30_000, leastLogins, mostMs: 180_000 })
    for (const line of report(result)) t.comment(line)
    t.same(result.violations, [])
    t.ok(result.counts.logins >= leastLogins, `${result.counts.logins} logins`)
    t.ok(result.faults.size >= 6, 'faults of many kinds')
  },
)
