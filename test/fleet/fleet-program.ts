// npm run fleet -- [--minutes 3] [--workers 50] [--chromiums 3] [--brokers 3] [--seed S] [--browser] [--stale 0.2] [--verbose]
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runFleet } from './run-fleet.ts'
import { judgeFleet } from './verdict/judge-fleet.ts'
import { report } from './verdict/report.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    workers: { type: 'string', default: '50' },
    chromiums: { type: 'string', default: '3' },
    brokers: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    stale: { type: 'string', default: '0' },
    browser: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const minutes = Number(values.minutes)
const [workers, chromiums, brokers, seed] = [
  Number(values.workers),
  Number(values.chromiums),
  Number(values.brokers),
  Number(values.seed),
]
const areWhole = [workers, chromiums, brokers, seed].every((each) => Number.isInteger(each) && each >= 0)
if (!(minutes > 0) || !areWhole || workers < chromiums || workers < 1 || brokers < 1) {
  console.error(
    '--minutes wants a number; --workers, --chromiums (of the workers), --brokers and --seed whole ones',
  )
  process.exit(2)
}

console.log(
  `seed ${seed}, ${minutes} min: ${brokers} brokers that sign in ${values.browser ? 'with a browser' : 'over HTTP'}, ` +
    `${workers} workers, ${chromiums} of them with Chromium; a refresh every 5 s, a broker killed every 20 s\n`,
)
const record = await runFleet({
  ...{ seed, brokers, workers, chromiums, isBrowserLogin: values.browser, staleShare: Number(values.stale) },
  durationMs: minutes * 60_000,
  everyMs: 5_000,
  killEveryMs: 20_000,
  ...(values.verbose && { say: console.log }),
})
for (const line of report(record)) console.log(line)
process.exitCode = judgeFleet(record).length > 0 ? 1 : 0
