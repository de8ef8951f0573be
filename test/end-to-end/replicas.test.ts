import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { type SiteProcess, startSiteProcess } from '@session-broker/stage/site'
import t, { type Test } from 'tap'

/** Three brokers on one Redis. Each test has a site of its own, with counters that start at nothing. */
const redis = await startRedis()
t.teardown(() => redis.close())
const secretKey = randomBytes(32).toString('hex')

async function cast(t: Test, { brokers, loginTimeout = '60s' }: { brokers: number; loginTimeout?: string }) {
  const site = await startSiteProcess()
  t.teardown(() => site.close())
  const started = await Promise.all(
    Array.from({ length: brokers }, () =>
      startBroker({ sites: { shop: site }, redisUrl: redis.url, secretKey, loginTimeout }),
    ),
  )
  for (const broker of started) t.teardown(() => broker.close())
  return { site, brokers: started }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come so far')
    await delay(20)
  }
}

const inFlight = (site: SiteProcess) => until(async () => (await site.stats()).inFlightNow === 1)

function two(brokers: BrokerProcess[]): [BrokerProcess, BrokerProcess] {
  const [first, second] = brokers
  if (!first || !second) throw new Error('two brokers are wanted')
  return [first, second]
}

t.test('200 refreshes of a dead session at three brokers: one login, one generation', async (t) => {
  const { site, brokers } = await cast(t, { brokers: 3 })
  const [first] = two(brokers)
  t.match((await first.refresh()).body, { generation: 1, outcome: 'renewed' })
  await site.killSessions()
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => brokers[index % brokers.length]?.refresh({ generation: 1 })),
  )
  t.same(new Set(answers.map((answer) => answer?.status)), new Set([200]))
  t.same(new Set(answers.map((answer) => answer?.body.generation)), new Set([2]))
  const { loginsStarted, maxInFlight } = await site.stats()
  t.equal(loginsStarted, 2, 'the first and one more')
  t.equal(maxInFlight, 1)
  for (const broker of brokers) {
    const { body } = await broker.call('/session/cookies')
    t.equal(body.generation, 2, 'every broker serves it')
  }
})

t.test('those who wait at another broker get the failure of the one login', async (t) => {
  const { site, brokers } = await cast(t, { brokers: 3 })
  await site.change({ mode: 'rejecting', loginDelayMs: 1_000 })
  const answers = await Promise.all(brokers.map((broker) => broker.refresh()))
  t.same(new Set(answers.map(({ body }) => body.code)), new Set(['login_bad_credentials']))
  t.equal((await site.stats()).loginsStarted, 1)

  const later = await Promise.all(brokers.map((broker) => broker.refresh()))
  t.same(new Set(later.map(({ body }) => body.code)), new Set(['login_locked_out']), 'at every broker')
  t.equal((await site.stats()).loginsStarted, 1, 'and the password is sent no more')
  const [first, second] = two(brokers)
  await site.change({ mode: 'ok', loginDelayMs: 0 })
  await first.call('/session/reset', { method: 'POST', body: {} })
  t.match((await second.refresh()).body, { generation: 1, outcome: 'renewed' }, 'a reset at one is for all')
})

t.test('kill -9 before the permit: another broker takes over at once', async (t) => {
  const { site, brokers } = await cast(t, { brokers: 2 })
  const [holder, other] = two(brokers)
  await site.change({ mode: 'hanging' })
  const dying = holder.refresh().catch(() => undefined)
  await until(
    async () => (await holder.call('/session')).body.login !== undefined && (await isRunning(holder)),
  )
  const waiting = other.refresh()
  await holder.kill9()
  await dying
  await site.change({ mode: 'ok' })
  const startMs = performance.now()
  t.match((await waiting).body, { generation: 1, outcome: 'renewed' })
  t.ok(performance.now() - startMs < 30_000, 'long before the 60 s of a permit')
  t.match(await site.stats(), { loginsStarted: 1, maxInFlight: 1 })
})

t.test("kill -9 after the permit: nobody logs in before the permit's time is over", async (t) => {
  const { site, brokers } = await cast(t, { brokers: 2, loginTimeout: '12s' })
  const [holder, other] = two(brokers)
  await site.change({ loginDelayMs: 11_000 })
  const dying = holder.refresh().catch(() => undefined)
  await inFlight(site)
  await site.change({ loginDelayMs: 0 })
  await holder.kill9()
  await dying
  t.match((await other.refresh()).body, { generation: 1, outcome: 'renewed' })
  t.match(await site.stats(), { loginsStarted: 2, maxInFlight: 1 }, 'the two never overlapped')
})

t.test('a Redis that is killed under a login and comes back costs no second login', async (t) => {
  const { site, brokers } = await cast(t, { brokers: 1 })
  const [broker] = brokers
  await site.change({ loginDelayMs: 3_000 })
  const waiting = broker?.refresh()
  await inFlight(site)
  await redis.kill9()
  await until(async () => (await site.stats()).loginsSucceeded === 1)
  // Long enough for the login to find nobody to publish to.
  await delay(2_000)
  await redis.restart()
  t.match((await waiting)?.body, { generation: 1, outcome: 'renewed' })
  t.match(await site.stats(), { loginsStarted: 1 })
})

async function isRunning(broker: BrokerProcess): Promise<boolean> {
  const { login } = (await broker.call('/session')).body as { login: { phase: string } }
  return login.phase === 'running'
}
