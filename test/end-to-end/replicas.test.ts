import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import t, { type Test } from 'tap'
import { sessionAt } from './session-at.ts'

/** Three brokers on one Redis. Each test has a session at a site of its own, with counters that start at nothing. */
const redis = await startRedis()
t.teardown(() => redis.close())
const secretKey = randomBytes(32).toString('hex')

interface Cast {
  brokers: number
  loginTimeout?: string
}

async function startBrokers(
  t: Pick<Test, 'teardown'>,
  sites: Record<string, LocalSite>,
  { brokers, loginTimeout = '60s' }: Cast,
): Promise<BrokerProcess[]> {
  const options = { sites, redisUrl: redis.url, secretKey, loginTimeout }
  const started = await Promise.all(Array.from({ length: brokers }, () => startBroker(options)))
  for (const broker of started) t.teardown(() => broker.close())
  return started
}

async function openSite(t: Pick<Test, 'teardown'>): Promise<LocalSite> {
  const site = await startSite()
  t.teardown(() => site.close())
  return site
}

/** For one test: its brokers are killed, or have times of their own. */
async function cast(t: Test, options: Omit<Cast, 'brokers'> = {}) {
  const site = await openSite(t)
  return { site, brokers: two(await startBrokers(t, { shop: site }, { brokers: 2, ...options })) }
}

const sites = { ended: await openSite(t), refusing: await openSite(t), stored: await openSite(t) }
const brokers = await startBrokers(t, sites, { brokers: 3 })
/** One of their sessions, at each of them. */
const atEach = (session: keyof typeof sites) => brokers.map((broker) => sessionAt(broker, session))

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come so far')
    await delay(20)
  }
}

const inFlight = (site: LocalSite) => until(async () => site.stats().inFlightNow === 1)

function two<T>(brokers: readonly T[]): [T, T] {
  const [first, second] = brokers
  if (!first || !second) throw new Error('two brokers are wanted')
  return [first, second]
}

t.test('200 refreshes of a dead session at three brokers: one login, one generation', async (t) => {
  const site = sites.ended
  const brokers = atEach('ended')
  const [first] = two(brokers)
  t.match((await first.refresh()).body, { generation: 1, outcome: 'renewed' })
  site.killSessions()
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => brokers[index % brokers.length]?.refresh({ generation: 1 })),
  )
  t.same(new Set(answers.map((answer) => answer?.status)), new Set([200]))
  t.same(new Set(answers.map((answer) => answer?.body.generation)), new Set([2]))
  const { loginsStarted, maxInFlight } = site.stats()
  t.equal(loginsStarted, 2, 'the first and one more')
  t.equal(maxInFlight, 1)
  for (const broker of brokers) {
    const { body } = await broker.call('/session/cookies')
    t.equal(body.generation, 2, 'every broker serves it')
  }
})

t.test('those who wait at another broker get the failure of the one login', async (t) => {
  const site = sites.refusing
  const brokers = atEach('refusing')
  site.change({ mode: 'rejecting', loginDelayMs: 1_000 })
  const answers = await Promise.all(brokers.map((broker) => broker.refresh()))
  t.same(new Set(answers.map(({ body }) => body.code)), new Set(['login_bad_credentials']))
  t.equal(site.stats().loginsStarted, 1)

  const later = await Promise.all(brokers.map((broker) => broker.refresh()))
  t.same(new Set(later.map(({ body }) => body.code)), new Set(['login_locked_out']), 'at every broker')
  t.equal(site.stats().loginsStarted, 1, 'and the password is sent no more')
  const [first, second] = two(brokers)
  site.change({ mode: 'ok', loginDelayMs: 0 })
  await first.call('/session/reset', { method: 'POST', body: {} })
  t.match((await second.refresh()).body, { generation: 1, outcome: 'renewed' }, 'a reset at one is for all')
})

t.test('kill -9 before the permit: another broker takes over at once', async (t) => {
  const { site, brokers } = await cast(t)
  const [holder, other] = brokers
  site.change({ mode: 'hanging' })
  const dying = holder.refresh().catch(() => undefined)
  await until(
    async () => (await holder.call('/session')).body.login !== undefined && (await isRunning(holder)),
  )
  const waiting = other.refresh()
  await holder.kill9()
  await dying
  site.change({ mode: 'ok' })
  const startMs = performance.now()
  t.match((await waiting).body, { generation: 1, outcome: 'renewed' })
  t.ok(performance.now() - startMs < 30_000, 'long before the 60 s of a permit')
  t.match(site.stats(), { loginsStarted: 1, maxInFlight: 1 })
})

t.test("kill -9 after the permit: nobody logs in before the permit's time is over", async (t) => {
  const { site, brokers } = await cast(t, { loginTimeout: '12s' })
  const [holder, other] = brokers
  site.change({ loginDelayMs: 11_000 })
  const dying = holder.refresh().catch(() => undefined)
  await inFlight(site)
  site.change({ loginDelayMs: 0 })
  await holder.kill9()
  await dying
  t.match((await other.refresh()).body, { generation: 1, outcome: 'renewed' })
  t.match(site.stats(), { loginsStarted: 2, maxInFlight: 1 }, 'the two never overlapped')
})

t.test('a Redis that is killed under a login and comes back costs no second login', async (t) => {
  const site = sites.stored
  const [broker] = atEach('stored')
  site.change({ loginDelayMs: 3_000 })
  const waiting = broker?.refresh()
  await inFlight(site)
  await redis.kill9()
  await until(async () => site.stats().loginsSucceeded === 1)
  // Long enough for the login to find nobody to publish to.
  await delay(2_000)
  await redis.restart()
  t.match((await waiting)?.body, { generation: 1, outcome: 'renewed' })
  t.match(site.stats(), { loginsStarted: 1 })
})

async function isRunning(broker: BrokerProcess): Promise<boolean> {
  const { login } = (await broker.call('/session')).body as { login: { phase: string } }
  return login.phase === 'running'
}
