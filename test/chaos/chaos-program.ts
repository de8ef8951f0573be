// npm run chaos -- --minutes N [--seed S] [--without fence|permit|mutex] [--chromium] [--keep] [--verbose]
import { randomInt } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { guards } from './broker/remove-guard.ts'
import { report } from './report.ts'
import { runChaos } from './run-chaos.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    without: { type: 'string' },
    chromium: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const minutes = Number(values.minutes)
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
const without = guards.find((guard) => guard === values.without)
if (!(minutes > 0) || !Number.isInteger(seed) || without !== values.without) {
  console.error(`--minutes wants a number, --seed a whole one, --without one of: ${guards.join(', ')}`)
  process.exit(2)
}

const keepIn = join(tmpdir(), 'session-broker-chaos')
console.log(`seed ${seed}, ${minutes} min${without ? `, without the ${without}` : ''}`)
const result = await runChaos({
  seed,
  durationMs: minutes * 60_000,
  without,
  chromium: values.chromium,
  keepIn,
  keepAlways: values.keep,
  ...(values.verbose && { say: console.log }),
})
for (const line of report(result)) console.log(line)
if (result.violations.length > 0 || values.keep) console.log(`histories and logs are kept in ${keepIn}`)
process.exitCode = result.violations.length > 0 ? 1 : 0
