import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { type SiteProcess, startSiteProcess } from '@session-broker/stage/site'
import t from 'tap'

/** Sessions that nobody asks for: what the brokers do by themselves, two of them on one Redis. */
const redis = await startRedis()
t.teardown(() => redis.close())
const secretKey = randomBytes(32).toString('hex')

async function until(withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come so far')
    await delay(100)
  }
}

/** How often the account page was asked for: the check looks there. */
const looks = async (site: SiteProcess) => (await site.stats()).requests

t.test('a session that has ended is renewed without being asked, by one of two', async (t) => {
  const site = await startSiteProcess()
  t.teardown(() => site.close())
  const sites = { shop: { ...site, checkEvery: '10s' } }
  const start = () => startBroker({ sites, redisUrl: redis.url, secretKey })
  const [first, second] = await Promise.all([start(), start()])
  t.teardown(() => Promise.all([first.close(), second.close()]))
  await delay(1_000)
  t.equal((await site.stats()).loginsStarted, 0, 'the first login is for who asks')
  t.match((await first.refresh()).body, { generation: 1, outcome: 'renewed' })
  const before = await looks(site)
  await until(30_000, async () => (await looks(site)) > before)
  t.equal((await looks(site)) - before, 1, 'one look of one broker')
  await site.killSessions()
  await until(40_000, async () => (await second.call('/session')).body.generation === 2)
  t.match(await site.stats(), { loginsStarted: 2, maxInFlight: 1 })
  await until(5_000, async () => (await first.call('/session')).body.generation === 2)
})
