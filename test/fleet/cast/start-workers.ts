import { fileURLToPath } from 'node:url'
import { pickBrowserEnv } from '@session-broker/chrome'
import { freePort, type RunningProcess, startProcess } from '@session-broker/stage/process'
import { chromium } from 'playwright'
import { contentOf } from '../verdict/content-of.ts'
import type { AppliedState, HeardEvent } from '../verdict/fleet-record.ts'

export interface WorkersOptions {
  brokers: readonly string[]
  key: string
  session: string
  seed: number
  /** Of the answers to those with a stand-in: so many are an older state. */
  staleShare: number
  onApplied(state: AppliedState): void
  /** Of those with a stand-in. */
  onHeard(event: HeardEvent): void
}

export interface ChromiumWorker {
  name: string
  process: RunningProcess
  /** What its Chromium holds. */
  content(): Promise<string>
}

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const crewProgram = pathOf('../crew/crew-program.ts')
const workerProgram = pathOf('../../../apps/worker/src/main.ts')
const lookEveryMs = 15_000

/** Several workers in one process, with stand-ins for their Chromes. */
export function startCrew(names: readonly string[], options: WorkersOptions): Promise<RunningProcess> {
  const { brokers, key, session, seed, staleShare, onApplied, onHeard } = options
  return startProcess({
    name: `the crew of ${names[0]}`,
    command: process.execPath,
    args: [
      ...['--conditions=@session-broker/source', crewProgram],
      ...brokers.flatMap((url) => ['--broker', url]),
      ...['--session', session, '--seed', String(seed), '--look-every-ms', String(lookEveryMs)],
      ...['--stale-share', String(staleShare)],
      ...names,
    ],
    env: { SESSION_BROKER_KEY: key },
    onLine(line) {
      if (!line.startsWith('{')) return
      const told: AppliedState | HeardEvent = JSON.parse(line)
      if ('atMs' in told) onHeard(told)
      else onApplied(told)
    },
  })
}

/** A worker as people start it, with a Chromium of its own. */
export async function startChromiumWorker(name: string, options: WorkersOptions): Promise<ChromiumWorker> {
  const { brokers, key, session, onApplied } = options
  const port = await freePort()
  const running = await startProcess({
    name: `the worker ${name}`,
    command: process.execPath,
    args: [
      ...['--conditions=@session-broker/source', workerProgram, 'run'],
      ...brokers.flatMap((url) => ['--broker', url]),
      ...['--session', session, '--id', name, '--launch', '--headless', '--port', String(port)],
      ...['--look-every', `${lookEveryMs}ms`],
    ],
    env: { ...pickBrowserEnv(process.env), SESSION_BROKER_KEY: key },
    onLine: (line) => noteApplied(name, line, onApplied),
  })
  return { name, process: running, content: () => readChromium(port) }
}

function noteApplied(worker: string, line: string, onApplied: WorkersOptions['onApplied']): void {
  if (!line.startsWith('{')) return
  const { message, generation, revision, applyMs } = JSON.parse(line)
  if (message === 'applied') onApplied({ worker, generation, revision, applyMs })
}

async function readChromium(port: number): Promise<string> {
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  try {
    return contentOf({ cookies: (await browser.contexts()[0]?.cookies()) ?? [] })
  } finally {
    await browser.close()
  }
}
