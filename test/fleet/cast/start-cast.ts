import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@session-broker/stage/process'
import { startRedis } from '@session-broker/stage/redis'
import { type SiteProcess, startSiteProcess } from '@session-broker/stage/site'
import { type BrokerPlace, startPlace } from './broker-place.ts'
import { type ChromiumWorker, startChromiumWorker, startCrew, type WorkersOptions } from './start-workers.ts'

export const session = 'shop'
const httpProgram = fileURLToPath(new URL('../broker-program.ts', import.meta.url))
const crewSize = 12

export interface CastOptions {
  brokers: number
  workers: number
  /** So many of the workers have a real Chromium. */
  chromiums: number
  /** The brokers sign in with a browser. */
  isBrowserLogin: boolean
}

/** One Redis, one site, brokers on it, each a process of its own. */
export interface Cast {
  site: SiteProcess
  places: readonly BrokerPlace[]
  urls: readonly string[]
  key: string
}

/** @param opened closes it all, last to first. */
export async function startCast(opened: AsyncDisposableStack, options: CastOptions): Promise<Cast> {
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-fleet-'))
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const redis = opened.adopt(await startRedis(), (each) => each.close())
  const site = opened.adopt(await startSiteProcess(), (each) => each.close())
  const key = `sb_${randomBytes(32).toString('base64url')}`
  const common = {
    ...{ sites: { [session]: site }, redisUrl: redis.url, key },
    secretKey: randomBytes(32).toString('hex'),
    // Longer than any login here takes; after a kill, the next one waits for this.
    loginTimeout: options.isBrowserLogin ? '20s' : '10s',
    budget: { loginsPerDay: 100_000, failedPerDay: 100_000 },
    ...(!options.isBrowserLogin && { program: httpProgram }),
  }
  const places = await Promise.all(
    Array.from({ length: options.brokers }, async () => {
      const own = { folder: await mkdtemp(join(folder, 'broker-')), port: await freePort() }
      return opened.adopt(await startPlace({ ...common, ...own }), (each) => each.close())
    }),
  )
  return { site, places, urls: places.map(({ url }) => url), key }
}

export interface Workers {
  names: readonly string[]
  chromiums: readonly ChromiumWorker[]
}

export async function startWorkers(
  opened: AsyncDisposableStack,
  { workers, chromiums }: Pick<CastOptions, 'workers' | 'chromiums'>,
  options: WorkersOptions,
): Promise<Workers> {
  const standIns = Array.from({ length: workers - chromiums }, (_, index) => `worker-${index + 1}`)
  for (let first = 0; first < standIns.length; first += crewSize) {
    const crew = await startCrew(standIns.slice(first, first + crewSize), options)
    opened.defer(() => crew.end())
  }
  const real: ChromiumWorker[] = []
  for (let index = 1; index <= chromiums; index++) {
    const worker = await startChromiumWorker(`chrome-${index}`, options)
    opened.defer(() => worker.process.end(15_000))
    real.push(worker)
  }
  return { names: [...standIns, ...real.map(({ name }) => name)], chromiums: real }
}
