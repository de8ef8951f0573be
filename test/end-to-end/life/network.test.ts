import { startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'
import { startWorker, type WorkerOptions } from '../../../apps/worker/src/index.ts'
import { until } from '../../client/scripted-broker.ts'
import { createLog } from '../../worker/session/fakes.ts'
import { bodyIn, createPlace, startCast } from './life-cast.ts'
import { startWeakNetwork } from './weak-network.ts'

t.setTimeout(600_000)
const withinMs = 90_000
/** Minutes of the real ones. */
const timing = {
  answerWithinMs: 2_000,
  firstByteWithinMs: 2_000,
  silentMs: 20_000,
  reconnect: { firstMs: 100, longestMs: 1_000 },
}

/** The worker in this process, so that it may be told to wait shorter than it does. */
function runWorker(
  t: Tap,
  options: Pick<WorkerOptions, 'brokers' | 'key' | 'chromes'> & Partial<WorkerOptions>,
) {
  const stop = new AbortController()
  const { log, lines, said } = createLog()
  const order = { sessions: ['shop'], id: 'server-1', lookEveryMs: 60_000, reloadPages: false, timing }
  const ended = startWorker({ ...order, ...options, log, signal: stop.signal })
  t.teardown(async () => {
    stop.abort()
    await ended
  })
  const isIn = (generation: number) => said('signed in here').some((line) => line.generation === generation)
  return {
    lines,
    said,
    generations: () => said('applied').map(({ generation }) => generation),
    signedIn: (generation: number) => until(() => isIn(generation), withinMs),
    saidSince: (count: number, message: string) =>
      until(() => lines.slice(count).some((line) => line.message === message), withinMs),
  }
}

type Tap = Pick<typeof t, 'teardown'>
const portOf = (url: string) => Number(new URL(url).port)

t.test('with one broker, behind a network that fails', async (t) => {
  const { site, broker, renew } = await startCast(t)
  const network = await startWeakNetwork(portOf(broker.url))
  t.teardown(() => network.close())
  const place = await createPlace(t)
  await place.start()
  const chromes = [place.cdpUrl]
  const worker = runWorker(t, { brokers: [network.url], key: broker.key, chromes })
  await worker.signedIn(1)
  let last = 1

  for (const fault of ['cut', 'swallow'] as const) {
    await t.test(`${fault}: the last state is kept, also for a Chrome that restarts`, async (t) => {
      const before = worker.lines.length
      network[fault]()
      await worker.saidSince(before, 'broker away')
      await place.kill9()
      await place.start()
      await worker.saidSince(before, 'chrome back')
      await worker.saidSince(before, 'signed in here')
      t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
    })

    await t.test(`${fault}: when it is well again, only the newest of what was missed goes in`, async (t) => {
      for (let missed = 0; missed < 2; missed++) last = await renew()
      const before = worker.generations().length
      network.heal()
      await worker.signedIn(last)
      t.same(worker.generations().slice(before), [last])
      t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
    })
  }

  await t.test('slow: the next generation still comes by event', async (t) => {
    network.delay(150)
    const before = worker.lines.length
    last = await renew()
    await worker.signedIn(last)
    t.notOk(worker.lines.slice(before).some(({ message }) => message === 'broker away'))
    network.delay(0)
  })

  await t.test('the broker is killed, and another starts on its data: nothing is done twice', async (t) => {
    const [before, linesBefore] = [worker.generations().length, worker.lines.length]
    await broker.kill9()
    await worker.saidSince(linesBefore, 'broker away')
    const again = await startBroker({
      sites: { shop: site },
      folder: broker.folder,
      budget: { loginsPerDay: 1_000, failedPerDay: 3 },
      key: broker.key,
    })
    t.teardown(() => again.close())
    network.leadTo(portOf(again.url))
    await worker.saidSince(linesBefore, 'following events')
    site.killSessions()
    const { body } = await again.refresh({})
    await worker.signedIn(Number(body.generation))
    t.same(worker.generations().slice(before), [body.generation])
  })

  t.equal(site.stats().maxInFlight, 1)
})

t.test('a replica that is lost: the worker moves on to another', async (t) => {
  const site = await startSite()
  t.teardown(() => site.close())
  const redis = await startRedis()
  t.teardown(() => redis.close())
  const shared = { sites: { shop: site }, redisUrl: redis.url, secretKey: 'ab'.repeat(32) }
  const first = await startBroker(shared)
  t.teardown(() => first.close())
  const second = await startBroker({ ...shared, key: first.key })
  t.teardown(() => second.close())
  const replicas = [first, second]
  const place = await createPlace(t)
  await place.start()
  const worker = runWorker(t, {
    brokers: replicas.map(({ url }) => url),
    key: first.key,
    chromes: [place.cdpUrl],
  })
  await worker.signedIn(1)
  const before = worker.lines.length
  const followed = worker.said('following events').at(-1)?.broker
  const lost = replicas.find(({ url }) => url === followed)
  const left = replicas.find(({ url }) => url !== followed)
  await lost?.kill9()
  await worker.saidSince(before, 'following events')
  t.equal(worker.said('following events').at(-1)?.broker, left?.url)
  site.killSessions()
  t.match(await left?.refresh({}), { body: { generation: 2, outcome: 'renewed' } })
  await worker.signedIn(2)
  t.same(worker.generations(), [1, 2])
  const { body } = (await left?.call('/workers')) ?? {}
  t.match(body?.workers, [{ id: 'server-1', generation: 2, seen: 'signed_in' }])
})
