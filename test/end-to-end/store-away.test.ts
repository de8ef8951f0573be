import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { startSite } from '@session-broker/stage/site'
import t, { type Test } from 'tap'

/** A broker, its Redis, and a network between them that is cut and mended. */
const redis = await startRedis()
t.teardown(() => redis.close())
const site = await startSite()
t.teardown(() => site.close())
const broker = await startBroker({
  sites: { shop: site },
  redisUrl: redis.url,
  secretKey: randomBytes(32).toString('hex'),
})
t.teardown(() => broker.close())

const cookies = () => broker.call('/session/cookies')

/** How long it takes until it is so. */
async function within(ms: number, isSo: () => Promise<boolean>): Promise<number> {
  const startMs = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startMs > ms) throw new Error(`it was not so within ${ms} ms`)
    await delay(20)
  }
  return performance.now() - startMs
}

const isStale = async () => (await cookies()).headers.has('session-stale-seconds')
const isFresh = async () => !(await isStale())

/** The same for a Redis that is gone and for one that hangs. */
async function away(t: Test) {
  const before = await cookies()
  const { loginsStarted, requests } = site.stats()
  await within(5_000, isStale)
  const stale = await cookies()
  t.equal(stale.status, 200)
  t.same(stale.body, before.body, 'known states are served')
  t.ok(Number(stale.headers.get('session-stale-seconds')) >= 1)
  t.ok(Number((await broker.call('/session')).body.staleSeconds) > 0)
  const startMs = performance.now()
  const refused = await broker.refresh()
  t.ok(performance.now() - startMs < 1_000, 'at once')
  t.match(refused, { status: 503, body: { code: 'store_unavailable' } })
  t.equal(refused.headers.get('retry-after'), '2')
  t.equal((await broker.call('/readyz')).status, 503)
  t.equal((await broker.call('/livez')).status, 200)
  t.equal(site.stats().loginsStarted, loginsStarted, 'and no login is made')
  t.equal(site.stats().requests, requests, 'nor is the site looked at')
}

/** Two seconds are promised; how long it took is told, and a busy machine is given more. */
async function back(t: Test) {
  const freshMs = await within(10_000, isFresh)
  const refreshedMs = freshMs + (await within(10_000, async () => (await broker.refresh()).status === 200))
  t.match((await broker.refresh()).body, { outcome: 'alive' })
  t.equal((await broker.call('/session')).body.staleSeconds, null)
  t.comment(`reads fresh after ${Math.round(freshMs)} ms, refreshes after ${Math.round(refreshedMs)} ms`)
}

t.test('while Redis is dead, and when it is back', async (t) => {
  t.match((await broker.refresh()).body, { generation: 1, outcome: 'renewed' })
  await redis.kill9()
  await away(t)
  await redis.restart()
  await back(t)
})

t.test('while Redis hangs, and when it goes on', async (t) => {
  redis.freeze()
  await away(t)
  redis.thaw()
  await back(t)
})

t.test('afterwards a dead session is renewed as ever', async (t) => {
  site.killSessions()
  t.match((await broker.refresh()).body, { generation: 2, outcome: 'renewed' })
  t.match((await cookies()).body, { generation: 2 })
})
