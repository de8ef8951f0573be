import { setTimeout as wait } from 'node:timers/promises'
import { endWithGrace } from '../../../apps/broker/src/cli/end-with-grace.ts'
import { createLog } from '../../../apps/broker/src/cli/log.ts'

/** A program that ends with grace; how its stop goes is its argument. */
const stops: Record<string, () => Promise<void>> = {
  'in half a second': () => wait(500),
  never: () => wait(60_000),
  badly: () => Promise.reject(new Error('it is stuck')),
}

const [how = '', trouble] = process.argv.slice(2)
endWithGrace({
  log: createLog({ level: 'info' }),
  graceMs: 3_000,
  async stop() {
    await stops[how]?.()
    process.stdout.write('stopped\n')
  },
})
setInterval(() => undefined, 1_000)
process.stdout.write('ready\n')
if (trouble === 'with an error') Promise.reject(new Error('nobody caught this'))
