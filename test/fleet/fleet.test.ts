import { randomInt } from 'node:crypto'
import t from 'tap'
import { runFleet } from './run-fleet.ts'
import { judgeFleet } from './verdict/judge-fleet.ts'
import { report } from './verdict/report.ts'

/** Twenty seconds of what `npm run fleet` does for longer, with replicas that lag behind. How fast it was is told and not judged: it depends on the machine. */
t.setTimeout(240_000)

t.test(
  'three brokers, twelve workers and two kills: one login for each refresh, nobody goes back',
  async (t) => {
    const seed = randomInt(2 ** 31)
    t.comment(`seed ${seed}`)
    const record = await runFleet({
      ...{ seed, brokers: 3, workers: 12, chromiums: 1, isBrowserLogin: false },
      ...{ durationMs: 20_000, everyMs: 5_000, killEveryMs: 10_000, staleShare: 0.2 },
    })
    for (const line of report(record)) t.comment(line)
    t.same(judgeFleet(record), [])
    t.equal(record.rounds.length, 5, 'the first login and four refreshes')
    t.equal(record.rounds.filter(({ hasKill }) => hasKill).length, 2)
    t.ok(record.timed.length > 0, 'the brokers tell how long it took')
  },
)
