import { randomBytes } from 'node:crypto'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { type SiteProcess, startSiteProcess } from '@session-broker/stage/site'
import { type BenchLength, type BenchRow, median } from './bench-row.ts'

const brokerCount = 3
const refreshCount = 500
const readCount = 100

/**
 * What it costs those who wait that they are many: the slowest of 500 refreshes of a dead session, and of 100 reads of an
 * absent one, at three brokers on one Redis, against one refresh of a dead session that is alone. Each storm is one login.
 */
export async function benchRefreshStorm({ rounds }: BenchLength): Promise<BenchRow> {
  await using opened = new AsyncDisposableStack()
  const redis = opened.adopt(await startRedis(), (each) => each.close())
  const site = opened.adopt(await startSiteProcess(), (each) => each.close())
  const secretKey = randomBytes(32).toString('hex')
  const absent = Object.fromEntries(Array.from({ length: rounds }, (_, index) => [`absent${index}`, site]))
  const options = {
    sites: { shop: site, ...absent },
    redisUrl: redis.url,
    secretKey,
    budget: { loginsPerDay: 100_000, failedPerDay: 100_000 },
  }
  const brokers = await Promise.all(Array.from({ length: brokerCount }, () => startBroker(options)))
  for (const broker of brokers) opened.defer(() => broker.close())
  const at = (index: number) => brokers[index % brokerCount] as BrokerProcess
  // Brings every broker's browser up: it is started on demand.
  for (const broker of brokers) await broker.refresh({ force: true }, { session: 'shop' })

  const alone: number[] = []
  const refreshed: number[] = []
  const read: number[] = []
  for (let round = 0; round < rounds; round++) {
    alone.push(await slowest(site, { count: 1, ask: () => refresh(at(round)) }))
    refreshed.push(await slowest(site, { count: refreshCount, ask: (index) => refresh(at(index)) }))
    const path = `/session/cookies?session=absent${round}`
    const ask = async (index: number) =>
      (await at(index).call(path, { headers: { prefer: 'wait=60' } })).status
    read.push(await slowest(site, { count: readCount, ask }))
  }
  const base = median(alone)
  return {
    what: `the slowest of ${refreshCount} refreshes at once over ${brokerCount} brokers: one login`,
    against: 'one login alone',
    goal: 1.2,
    better: 'less',
    ratio: median(refreshed) / base,
    details:
      `${Math.round(median(refreshed))} : ${Math.round(base)} ms; ` +
      `${readCount} reads of an absent session ${Math.round(median(read))} ms (${(median(read) / base).toFixed(2)} ×)`,
  }
}

async function refresh(broker: BrokerProcess): Promise<number> {
  return (await broker.refresh({}, { session: 'shop' })).status
}

/** How long the last answer of so many at once takes, in milliseconds. @throws where they were not one login, or one failed. */
async function slowest(
  site: SiteProcess,
  { count, ask }: { count: number; ask: (index: number) => Promise<number> },
): Promise<number> {
  await site.killSessions()
  const { loginsStarted } = await site.stats()
  const startMs = performance.now()
  const statuses = await Promise.all(Array.from({ length: count }, (_, index) => ask(index)))
  const tookMs = performance.now() - startMs
  const logins = (await site.stats()).loginsStarted - loginsStarted
  if (logins !== 1 || statuses.some((status) => status !== 200)) {
    throw new Error(`${count} at once caused ${logins} logins and ${new Set(statuses).size} kinds of answers`)
  }
  return tookMs
}
