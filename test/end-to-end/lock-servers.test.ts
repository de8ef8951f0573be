import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'

/** Two brokers, their store, and three lock servers that know nothing of each other. */
const [store, ...locks] = await Promise.all(Array.from({ length: 4 }, () => startRedis()))
if (!store) throw new Error('a store is wanted')
t.teardown(() => Promise.all([store, ...locks].map((redis) => redis.close())))
const site = await startSite()
t.teardown(() => site.close())
const common = {
  sites: { shop: site },
  redisUrl: store.url,
  lockRedisUrls: locks.map(({ url }) => url),
  secretKey: randomBytes(32).toString('hex'),
}
const brokers = await Promise.all([startBroker(common), startBroker(common)])
t.teardown(() => Promise.all(brokers.map((broker) => broker.close())))
const [first, second] = brokers

/** Ends every session at the site, and asks both brokers for another at once. */
async function refreshBoth(generation: number) {
  site.killSessions()
  return Promise.all(brokers.map((broker) => broker.refresh({ generation })))
}

t.test('with all three, two brokers make one login', async (t) => {
  t.match((await first.refresh()).body, { generation: 1 })
  const answers = await refreshBoth(1)
  t.same(new Set(answers.map(({ body }) => body.generation)), new Set([2]))
  t.match(site.stats(), { loginsStarted: 2, maxInFlight: 1 })
})

t.test('losing one of them is not noticed', async (t) => {
  await locks[0]?.kill9()
  const answers = await refreshBoth(2)
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.match(site.stats(), { loginsStarted: 3, maxInFlight: 1 })
})

t.test('losing two stops logins and nothing else', async (t) => {
  await locks[1]?.kill9()
  const answers = await refreshBoth(3)
  for (const { status, body } of answers) {
    t.match(
      { status, ...body },
      { status: 503, code: 'store_unavailable', detail: /only 1 of 3 lock servers/ },
    )
  }
  t.equal(site.stats().loginsStarted, 3)
  for (const broker of brokers) {
    const cookies = await broker.call('/session/cookies')
    t.match(cookies, { status: 200, body: { generation: 3 } })
    t.equal(cookies.headers.get('session-stale-seconds'), null, 'the store itself is there')
    t.equal((await broker.call('/readyz')).status, 200)
  }
})

t.test('with two of them back, logins are made again', async (t) => {
  await locks[0]?.restart()
  const endMs = performance.now() + 10_000
  let answer = await second.refresh({ generation: 3 })
  while (answer.status !== 200 && performance.now() < endMs) {
    await delay(100)
    answer = await second.refresh({ generation: 3 })
  }
  t.match(answer.body, { generation: 4, outcome: 'renewed' })
  t.match(site.stats(), { loginsStarted: 4, maxInFlight: 1 })
})
