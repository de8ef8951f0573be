import t from 'tap'
import { runWorker } from '../../../apps/worker/src/session/run-worker.ts'
import {
  createBroker,
  createChrome,
  createClock,
  createLog,
  createTurns,
  FinalError,
  issued,
  settle,
} from './fakes.ts'

type Tap = Pick<typeof t, 'teardown'>
type Chrome = ReturnType<typeof createChrome>

/** Workers with one Chrome, in the order of their start; each follows the same broker unless it has its own. */
async function start(t: Tap, chromes: readonly Chrome[], brokers = [createBroker(issued(1))]) {
  const clock = createClock()
  const workers = []
  for (const [index, chrome] of chromes.entries()) {
    const broker = brokers[index] ?? brokers[0] ?? createBroker()
    const { log, said } = createLog()
    const stop = new AbortController()
    const ended = runWorker(
      { broker: broker.port, chromes: [chrome.port], clock, log },
      { sessions: ['amazon'], lookEveryMs: 60_000, signal: stop.signal },
    ).catch((error) => error)
    t.teardown(async () => {
      stop.abort()
      await ended
    })
    await settle()
    const reports = () => broker.fake.reports.filter(({ worker }) => worker.startsWith(chrome.port.workerId))
    workers.push({ ...chrome, broker: broker.fake, said, stop, ended, reports })
  }
  return { clock, workers }
}

function oneChrome(): [Chrome, Chrome] {
  const turns = createTurns()
  return [createChrome('a', turns), createChrome('b', turns)]
}

function two<Worker>(workers: readonly Worker[]): [Worker, Worker] {
  const [a, b] = workers
  if (!a || !b) throw new Error('there are two')
  return [a, b]
}

t.test('who stands by touches nothing, follows the broker, and says so', async (t) => {
  const { clock, workers } = await start(t, oneChrome())
  const [a, b] = two(workers)
  t.same([a.generations(), b.generations()], [[1], []])
  t.match(b.reports(), [{ worker: 'b-2', outcome: 'standing_by', generation: 1, detail: 'the other acts' }])
  t.match(b.said('standing by'), [{ session: 'amazon', worker: 'b', reason: 'the other acts' }])

  a.broker.publish(issued(2))
  await clock.turn(10 * 60_000)
  t.same([a.generations(), b.generations()], [[1, 2], []])
  t.equal(b.fake.looks, 0)
  t.match(b.reports().at(-1), { worker: 'b-2', outcome: 'standing_by', generation: 2 })
  t.ok(a.reports().every(({ worker }) => worker === 'a'))
})

t.test('when the one that acts ends, the next puts in the newest and looks', async (t) => {
  const { clock, workers } = await start(t, oneChrome())
  const [a, b] = two(workers)
  a.broker.publish(issued(2))
  await settle()
  a.stop.abort()
  await clock.turn(0)
  t.same(b.generations(), [2], 'what Chrome holds is not trusted')
  t.equal(b.fake.looks, 1)
  t.equal(b.said('took over').length, 1)
  t.match(b.reports().at(-1), { worker: 'b', outcome: 'applied', generation: 2, seen: 'signed_in' })
})

t.test('one that lags behind never puts an older state in the place of a newer one', async (t) => {
  const lagging = createBroker(issued(1))
  const { clock, workers } = await start(t, oneChrome(), [createBroker(issued(2)), lagging])
  const [a, b] = two(workers)
  const calls = lagging.fake.cookieCalls
  a.stop.abort()
  await clock.turn(60_000)
  t.same([a.generations(), b.generations()], [[2], []])
  t.match(b.said('apply refused'), [
    { generation: 1, reason: 'this Chrome was given generation 2.0, which is newer' },
  ])
  t.ok(lagging.fake.cookieCalls > calls, 'the broker is asked for what is newer')

  lagging.fake.publish(issued(3))
  await clock.turn(1_000)
  t.same(b.generations(), [3])
})

t.test('the same state goes in again, and that of a store that began anew', async (t) => {
  const [first, second] = oneChrome()
  const anew = createBroker(issued(1, { day: 20 }))
  const { clock, workers } = await start(t, [first, second], [createBroker(issued(5)), anew])
  const [a, b] = two(workers)
  a.stop.abort()
  await clock.turn(1_000)
  t.same(b.generations(), [1])
})

t.test('what goes in is made ready while Chrome decides, and dropped where another one acts', async (t) => {
  const [first, second] = oneChrome()
  let decide = () => {}
  first.fake.onLead = () =>
    new Promise<void>((resolve) => {
      decide = resolve
    })
  const { clock, workers } = await start(t, [first])
  t.same([first.fake.prepared, first.generations()], [1, []])
  decide()
  await clock.turn(0)
  t.same([first.fake.prepared, workers[0]?.generations()], [1, [1]], 'it was not made ready twice')

  const late = await start(t, [second])
  t.same([second.fake.prepared, second.generations()], [1, []])
  workers[0]?.stop.abort()
  await late.clock.turn(0)
  t.same([second.fake.prepared, second.generations()], [2, [1]])
})

t.test('one that was halted finds out before it touches Chrome, and stands by', async (t) => {
  const turns = createTurns()
  const [first, second] = [createChrome('a', turns), createChrome('b', turns)]
  const { clock, workers } = await start(t, [first, second])
  const [a, b] = two(workers)
  turns.giveAway('amazon')
  await settle()
  t.same(b.generations(), [1])
  a.broker.publish(issued(2))
  await clock.turn(5_000)
  t.same([a.generations(), b.generations()], [[1], [1, 2]])
  t.match(a.said('chrome gone'), [{ reason: /it was halted/ }])
  t.equal(a.said('standing by').length, 1)
  t.match(a.reports().at(-1), { worker: 'a-2', outcome: 'standing_by', generation: 2 })
  t.notOk(
    a.reports().some(({ outcome }) => outcome === 'chrome_unreachable'),
    'Chrome is there',
  )
})

t.test('halted in the middle of an apply, it changes nothing', async (t) => {
  const turns = createTurns()
  const [first, second] = [createChrome('a', turns), createChrome('b', turns)]
  const { clock, workers } = await start(t, [first, second])
  const [a, b] = two(workers)
  a.fake.onPrepare = async () => turns.giveAway('amazon')
  a.broker.publish(issued(2))
  await clock.turn(1_000)
  t.same([a.generations(), b.generations()], [[1], [2]])
})

t.test('Chrome’s end is told by those who stand by as well, under their own names', async (t) => {
  const { clock, workers } = await start(t, oneChrome())
  const [a, b] = two(workers)
  for (const { fake } of [b, a]) fake.end()
  await clock.turn(1_000)
  t.match(a.reports().at(-1), { worker: 'a', outcome: 'chrome_unreachable' })
  t.match(b.reports().at(-1), { worker: 'b-2', outcome: 'chrome_unreachable' })
})

t.test('a session that is given up lets another worker act for it', async (t) => {
  const own = createBroker(issued(1))
  const { clock, workers } = await start(t, oneChrome(), [own, createBroker(issued(1))])
  const [a, b] = two(workers)
  own.fake.failure = new FinalError('the key is gone')
  own.fake.announce(issued(2))
  await clock.turn(1_000)
  t.ok((await a.ended) instanceof FinalError)
  t.same(b.generations(), [1])
})

t.test('a Chrome in which nobody can be chosen is tried again, and told', async (t) => {
  const chrome = createChrome('a')
  let tries = 0
  chrome.fake.onLead = async () => {
    tries += 1
    if (tries < 3) throw new Error('Chrome does not open the page')
  }
  const { clock, workers } = await start(t, [chrome])
  await clock.turn(10_000)
  t.same(workers[0]?.generations(), [1])
  t.match(workers[0]?.said('chrome failed'), [{ session: 'amazon' }, { session: 'amazon' }])
})

t.test('a site that a session in other hands has is refused', async (t) => {
  const chrome = createChrome('a')
  chrome.fake.takenSites.set('amazon.example', 'books')
  const { workers } = await start(t, [chrome])
  t.same(workers[0]?.generations(), [])
  t.match(workers[0]?.reports().at(-1), {
    outcome: 'refused',
    detail: 'the session books has amazon.example in this Chrome already',
  })
})
