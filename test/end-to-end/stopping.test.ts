import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerProcess, type BrokerProcessOptions, startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { browsersIn } from '../broker/browser/house/browsers-in.ts'
import { readEvents } from '../broker/http/read-events.ts'

/** Stopping with a login under way: real programs, real signals, and what is left of them afterwards. */
// Half a dozen brokers, each given the time that stopping may take, which is what they mostly wait for: two at once.
t.setTimeout(300_000)
t.jobs = 2
const atOnce = { buffered: true }

async function openRedis(t: Test) {
  const redis = await startRedis()
  const asked = new Redis(redis.url)
  t.teardown(async () => {
    asked.disconnect()
    await redis.close()
  })
  const onRedis = { redisUrl: redis.url, secretKey: randomBytes(32).toString('hex') }
  return { redis, asked, onRedis, heldMutexes: () => asked.keys('sb:*:mutex') }
}

async function stage(t: Test) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sb-stop-')))
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  const temporaryFolder = join(folder, 'tmp')
  await mkdir(temporaryFolder)
  const site = await startSite()
  t.teardown(() => site.close())

  async function start(options: Partial<BrokerProcessOptions> = {}): Promise<BrokerProcess> {
    const broker = await startBroker({ sites: { shop: site }, folder, temporaryFolder, ...options })
    t.teardown(() => broker.close())
    return broker
  }

  const browsers = join(folder, 'data', 'browser')
  /** No browser runs, and nothing that one wrote is left. */
  async function isClean(): Promise<void> {
    await until(async () => (await browsersIn(browsers)).length === 0)
    t.same(
      (await readdir(browsers)).filter((name) => !name.endsWith('.lock')),
      [],
      'no profile',
    )
    const temporary = await readdir(temporaryFolder)
    t.same(
      temporary.filter((name) => /playwright|chromium/i.test(name)),
      [],
      'nothing in the temporary folder',
    )
  }
  return { site, start, browsers, isClean }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come so far')
    await delay(20)
  }
}

const inFlight = (site: LocalSite) => until(async () => site.stats().inFlightNow === 1)
/** The browser stands before the site, and the password has not been sent. */
const isAsking = (site: LocalSite, requests: number) => until(async () => site.stats().requests > requests)
const stopping = (broker: BrokerProcess) => until(async () => broker.said().includes('"message":"stopping"'))

/** @returns how long it took. */
async function ended(broker: BrokerProcess, sinceMs: number): Promise<number> {
  await broker.process.exited
  return performance.now() - sinceMs
}

t.test('a login that ends in time is finished, and everybody is told where they are', atOnce, async (t) => {
  const { site, start, isClean } = await stage(t)
  const broker = await start()
  site.change({ loginDelayMs: 4_000 })
  const events = await readEvents(`${broker.url}/session/events`, { authorization: `Bearer ${broker.key}` })
  const waiting = broker.refresh()
  await inFlight(site)

  broker.process.signal('SIGTERM')
  await stopping(broker)
  t.match(await broker.call('/readyz'), { status: 503, body: { code: 'shutting_down' } })
  t.match(await broker.refresh(), { status: 503, body: { code: 'shutting_down' } })
  t.equal((await broker.call('/session')).status, 200, 'reads are still answered')
  let last = await events.next()
  while (last && !last.retry) last = await events.next()
  t.match(last, { retry: /^\d{4}$/ })
  t.equal(await events.next(), undefined)
  t.equal(site.stats().inFlightNow, 1, 'all that while the login was under way')

  t.match(await waiting, { status: 200, body: { generation: 1, outcome: 'renewed' } })
  await broker.process.exited
  t.equal(broker.process.exitCode(), 0)
  await isClean()

  site.change({ loginDelayMs: 0 })
  const next = await start()
  t.match((await next.call('/session/cookies')).body, { generation: 1 }, 'what it published is there')
  t.equal(site.stats().loginsStarted, 1)
})

t.test('a login that gets nowhere is given up, and another broker makes it', atOnce, async (t) => {
  const { site, start, isClean } = await stage(t)
  const { onRedis, heldMutexes } = await openRedis(t)
  // Hangs for a while, and then shows no form.
  const broker = await start({ ...onRedis, sites: { shop: { ...site, loginUrl: `${site.url}/nowhere` } } })
  const other = await start(onRedis)
  const { requests } = site.stats()
  site.change({ mode: 'hanging' })
  const waiting = broker.refresh()
  await isAsking(site, requests)
  t.equal((await heldMutexes()).length, 1)
  const elsewhere = other.refresh()

  const sinceMs = performance.now()
  broker.process.signal('SIGTERM')
  await delay(5_000)
  site.change({ mode: 'ok' })
  t.match(await waiting, { status: 503, body: { code: 'login_abandoned' } })
  const tookMs = await ended(broker, sinceMs)
  t.equal(broker.process.exitCode(), 0)
  t.ok(tookMs < 25_000, `${tookMs} ms`)
  t.match(
    await elsewhere,
    { status: 200, body: { generation: 1, outcome: 'renewed' } },
    'for who waits there',
  )
  t.match(site.stats(), { loginsStarted: 1, maxInFlight: 1 })
  t.same(await heldMutexes(), [])
  await other.close()
  await isClean()
})

t.test(
  'a password that is under way is not sent a second time while that may still count',
  atOnce,
  async (t) => {
    const { site, start, isClean } = await stage(t)
    const { onRedis, heldMutexes } = await openRedis(t)
    const broker = await start({ ...onRedis, loginTimeout: '20s' })
    const other = await start({ ...onRedis, loginTimeout: '20s' })
    site.change({ loginDelayMs: 60_000 })
    const waiting = broker.refresh()
    await inFlight(site)
    const elsewhere = other.refresh()

    const sinceMs = performance.now()
    broker.process.signal('SIGTERM')
    t.match(await waiting, { body: { code: 'login_timeout_after_submit', detail: /did not answer/ } })
    t.match(await elsewhere, { body: { code: 'login_timeout_after_submit' } }, 'and not tried again unasked')
    const tookMs = await ended(broker, sinceMs)
    t.equal(broker.process.exitCode(), 0)
    t.ok(tookMs < 25_000, `${tookMs} ms`)
    t.equal(site.stats().loginsStarted, 1)
    t.same(await heldMutexes(), [])
    site.change({ loginDelayMs: 0 })
    t.match((await other.refresh()).body, { code: 'login_backing_off' })
    await other.call('/session/reset', { method: 'POST' })
    t.match((await other.refresh()).body, { generation: 1, outcome: 'renewed' }, 'the next who may gets one')
    await other.close()
    await isClean()
  },
)

t.test(
  'neither a hanging Redis, nor clients that hang, nor a second session hold up the end',
  atOnce,
  async (t) => {
    const { site, start, isClean } = await stage(t)
    const { redis, onRedis, heldMutexes } = await openRedis(t)
    const sites = { shop: site, second: { ...site, username: 'somebody else' } }
    const broker = await start({ ...onRedis, sites })
    const { requests } = site.stats()
    site.change({ mode: 'hanging' })
    const waiting = broker.refresh({}, { session: 'shop' })
    await isAsking(site, requests)
    const queued = broker.refresh({}, { session: 'second' })
    await until(async () => (await heldMutexes()).length === 2)
    const { hostname, port } = new URL(broker.url)
    const half = connect({ host: hostname, port: Number(port) }, () =>
      half.write('GET /session HTTP/1.1\r\nHost: '),
    )
    const silent = connect({ host: hostname, port: Number(port) })
    for (const socket of [half, silent]) {
      socket.on('error', () => undefined)
      t.teardown(() => socket.destroy())
    }
    await readEvents(`${broker.url}/session/events`, { authorization: `Bearer ${broker.key}` })

    const sinceMs = performance.now()
    broker.process.signal('SIGTERM')
    await stopping(broker)
    redis.freeze()
    t.teardown(() => redis.thaw())
    const [first, second] = await Promise.all([waiting, queued])
    t.match(first, { status: 503 })
    t.match(second, { status: 503, body: { code: 'login_abandoned' } })
    const tookMs = await ended(broker, sinceMs)
    redis.thaw()
    t.equal(broker.process.exitCode(), 0)
    t.ok(tookMs < 25_000, `${tookMs} ms`)
    t.notMatch(broker.said(), /a refresh failed|could not stop/)
    await until(async () => (await heldMutexes()).length === 0)
    await isClean()
  },
)

t.test('a second signal ends it now, but not one that comes within a second', atOnce, async (t) => {
  const { site, start, browsers, isClean } = await stage(t)
  const { onRedis, heldMutexes } = await openRedis(t)
  const broker = await start(onRedis)
  const { requests } = site.stats()
  site.change({ mode: 'hanging' })
  const waiting = broker.refresh().catch(() => undefined)
  await isAsking(site, requests)
  broker.process.signal('SIGINT')
  await stopping(broker)
  broker.process.signal('SIGINT')
  broker.process.signal('SIGTERM')
  await delay(1_100)
  t.ok(broker.process.isRunning())
  t.not((await browsersIn(browsers)).length, 0, 'the login goes on')

  broker.process.signal('SIGTERM')
  await waiting
  await broker.process.exited
  t.equal(broker.process.exitCode(), 128 + 15)
  await isClean()
  await until(async () => (await heldMutexes()).length === 0)
})

t.test(
  'kill -9: the browser ends, its profile goes at the next start, the lock runs out',
  atOnce,
  async (t) => {
    const { site, start, browsers, isClean } = await stage(t)
    const { asked, onRedis, heldMutexes } = await openRedis(t)
    const broker = await start(onRedis)
    const { requests } = site.stats()
    site.change({ mode: 'hanging' })
    const waiting = broker.refresh().catch(() => undefined)
    await isAsking(site, requests)
    const [key = ''] = await heldMutexes()
    t.ok((await asked.pttl(key)) <= 4_000)
    await broker.kill9()
    await waiting
    await until(async () => (await browsersIn(browsers)).length === 0)
    t.match(await readdir(browsers), ['1'], 'its profile is left')
    site.change({ mode: 'ok' })

    const next = await start(onRedis)
    await isClean()
    t.match((await next.refresh()).body, { generation: 1, outcome: 'renewed' })
    t.equal(site.stats().loginsStarted, 1)
    await next.close()
    await isClean()
    t.same(await heldMutexes(), [])
  },
)
