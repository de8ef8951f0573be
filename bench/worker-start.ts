import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BenchLength, type BenchRow, median } from './bench-row.ts'
import { startServer } from './load/server-process.ts'
import { benchKey } from './servers/bench-key.ts'
import { type Measured, measureProcess } from './worker/measure-process.ts'
import { openChromeWithTabs } from './worker/open-tabs.ts'

const cookieCount = 300
const tabCount = 30
const builder = fileURLToPath(new URL('../scripts/build/run-build.ts', import.meta.url))
const worker = fileURLToPath(new URL('../apps/worker/dist/session-worker.cjs', import.meta.url))
const script = fileURLToPath(new URL('./worker/playwright-script.mjs', import.meta.url))

/**
 * From the start of a process to 300 cookies of a broker in a Chrome with 30 tabs: the worker as a service starts it, which holds back
 * requests, tries the cookies first and reads them back, and a Playwright script that hands them to `addCookies`.
 */
export async function benchWorkerStart({ rounds }: BenchLength): Promise<BenchRow[]> {
  await promisify(execFile)(process.execPath, [builder])
  await using opened = new AsyncDisposableStack()
  const cache = opened.adopt(await mkdtemp(join(tmpdir(), 'bench-cache-')), (each) =>
    rm(each, { recursive: true, force: true }),
  )
  await using broker = await startServer('broker-server.ts', [String(cookieCount)])
  await using chrome = await openChromeWithTabs(tabCount)
  const { cdpUrl, connection } = chrome

  const ofRound = async (args: string[], env: Record<string, string>, done: RegExp): Promise<Measured> => {
    await connection.send('Storage.clearCookies')
    const measured = await measureProcess(args, { env, isDone: (line) => done.test(line) })
    const { cookies } = await connection.send('Storage.getCookies')
    if (cookies.length !== cookieCount) throw new Error(`Chrome has ${cookies.length} cookies then`)
    return measured
  }
  const order = ['run', '--broker', broker.origin, '--session', 'shop', '--chrome', cdpUrl]
  // As the unit file in docs/workers.md starts it.
  const service = { SESSION_BROKER_KEY: benchKey, NODE_COMPILE_CACHE: cache }
  const byWorker = () => ofRound(['--lite-mode', worker, ...order], service, /"message":"applied"/)
  const env = { BROKER_URL: broker.origin, BROKER_KEY: benchKey, CDP_URL: cdpUrl }
  const byScript = () => ofRound([script], env, /^applied$/)

  const ours: Measured[] = []
  const others: Measured[] = []
  // The first of each, which fills the caches of the machine, does not count.
  for (let round = 0; round <= rounds; round++) {
    const [own, other] = [await byWorker(), await byScript()]
    if (round === 0) continue
    ours.push(own)
    others.push(other)
  }
  return compare(ours, others)
}

function compare(ours: readonly Measured[], others: readonly Measured[]): BenchRow[] {
  const what = `process start to ${cookieCount} cookies in Chrome, ${tabCount} tabs`
  const against = 'a Playwright script: connectOverCDP, addCookies'
  const of = (all: readonly Measured[], key: keyof Measured) => median(all.map((each) => each[key]))
  const row = (key: keyof Measured): number => of(ours, key) / of(others, key)
  const mb = (all: readonly Measured[]) => `${Math.round(of(all, 'peakKb') / 1024)}`
  return [
    {
      ...{ what, against, goal: 0.2, better: 'less', ratio: row('tookMs') },
      details: `${Math.round(of(ours, 'tookMs'))} : ${Math.round(of(others, 'tookMs'))} ms`,
    },
    {
      ...{ what: 'the most memory by then', against, goal: 0.5, better: 'less', ratio: row('peakKb') },
      details: `${mb(ours)} : ${mb(others)} MB resident`,
    },
  ]
}
