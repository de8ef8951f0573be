import { setTimeout as wait } from 'node:timers/promises'
import { createLog, endWithGrace } from '@session-broker/program/daemon'

/** A program that ends with grace; how its stop goes is its argument. */
const stops: Record<string, () => Promise<void>> = {
  'in half a second': () => wait(500),
  never: () => wait(60_000),
  badly: () => Promise.reject(new Error('it is stuck')),
}

const [how = '', graceMs, trouble] = process.argv.slice(2)
const end = endWithGrace({
  log: createLog<{ reason?: string; durationMs?: number; error?: unknown }>({
    allowed: { reason: true, durationMs: true, error: true },
    level: 'info',
  }),
  graceMs: Number(graceMs),
  async stop() {
    if (!end.isEnding()) throw new Error('it stops and does not say so')
    await stops[how]?.()
    process.stdout.write('stopped\n')
  },
})
setInterval(() => undefined, 1_000)
if (trouble === 'uninstalled') end.uninstall()
process.stdout.write('ready\n')
if (trouble === 'with an error') Promise.reject(new Error('nobody caught this'))
