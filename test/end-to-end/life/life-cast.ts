import { setTimeout as sleep } from 'node:timers/promises'
import { launchChrome } from '@session-broker/chrome'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { freePort } from '@session-broker/stage/process'
import { type LocalSite, type SiteOptions, startSite } from '@session-broker/stage/site'
import { type ChromeConnection, connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { until } from '../../client/scripted-broker.ts'
import { openTab } from '../../worker/cdp/open-chrome.ts'
import { startWorkerProgram } from '../../worker/cli/run-worker-program.ts'

interface Teardown {
  teardown(end: () => unknown): unknown
}

export interface Cast {
  site: LocalSite
  broker: BrokerProcess
  /** A worker in a process of its own, for the session `shop`. */
  startWorker(args: readonly string[], options?: WorkerRun): ReturnType<typeof startWorkerProgram>
  /** The session ends at the site, and the broker logs in again; gives the new generation. */
  renew(): Promise<number>
}

interface WorkerRun {
  /** Left out: the cast's. */
  brokers?: readonly string[]
  env?: Record<string, string>
}

/** A site, a real broker that can log in to it, and workers; all ended with the test. */
export async function startCast(t: Teardown, options: SiteOptions = {}): Promise<Cast> {
  const site = await startSite(options)
  t.teardown(() => site.close())
  const budget = { loginsPerDay: 1_000, failedPerDay: 3 }
  const broker = await startBroker({ sites: { shop: site }, budget })
  t.teardown(() => broker.close())
  return {
    site,
    broker,
    startWorker(args, { brokers = [broker.url], env = {} } = {}) {
      const to = brokers.flatMap((url) => ['--broker', url])
      const worker = startWorkerProgram(['run', ...to, '--session', 'shop', ...args], {
        SESSION_BROKER_KEY: broker.key,
        PATH: process.env.PATH ?? '',
        ...env,
      })
      t.teardown(() => worker.stop('SIGKILL'))
      return worker
    },
    async renew() {
      site.killSessions()
      const { body } = await broker.refresh({})
      return Number(body.generation)
    },
  }
}

/** A Chrome at the same port each time, with a profile that it has never seen. */
export async function createPlace(t: Teardown) {
  const port = await freePort()
  let chrome: Awaited<ReturnType<typeof launchChrome>> | undefined
  t.teardown(() => chrome?.close())
  return {
    cdpUrl: `http://127.0.0.1:${port}`,
    async start() {
      chrome = await launchChrome({ headless: true, port })
    },
    /** All of its processes. */
    signal(name: NodeJS.Signals) {
      if (chrome) process.kill(-chrome.pid, name)
    },
    async kill9() {
      this.signal('SIGKILL')
      // Removes the profile.
      await chrome?.close()
    },
  }
}

/** What it said so far does not count: the worker finds this Chrome signed in once more. */
export async function signedInAgain(
  worker: ReturnType<typeof startWorkerProgram>,
  happens: () => Promise<unknown>,
): Promise<void> {
  const before = worker.said('signed in here').length
  await happens()
  await until(() => worker.said('signed in here').length > before, 120_000)
}

/** What the site shows a tab that is opened there now, once its scripts have written something or half a minute has passed. */
export async function bodyIn(cdpUrl: string, url: string): Promise<string> {
  return withChrome(cdpUrl, async (chrome) => {
    const tab = await openTab(chrome, url)
    try {
      const text = () => tab.evaluate("document.body?.innerText ?? ''")
      for (let tries = 0; tries < 300; tries++) {
        if (/Hello/.test(String(await text()))) break
        await sleep(100)
      }
      return String(await text())
    } finally {
      await tab.close()
    }
  })
}

export async function withChrome<T>(
  cdpUrl: string,
  use: (chrome: ChromeConnection) => Promise<T>,
): Promise<T> {
  const chrome = await connectToChrome(cdpUrl, { timeoutMs: 30_000 })
  try {
    return await use(chrome)
  } finally {
    chrome.close()
  }
}

/** For people who read the test's output. */
export function describeTimes(what: string, timesMs: readonly number[]): string {
  const sorted = timesMs.toSorted((a, b) => a - b)
  const [p50 = 0, max = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return `${what}: ${sorted.length} times, p50 ${Math.round(p50)} ms, max ${Math.round(max)} ms`
}
