import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { runWorker } from '../../../apps/worker/src/session/run-worker.ts'
import { createBroker, createChrome, createClock, createLog, issued, settle } from './fakes.ts'

const lookEveryMs = 60_000

/** One worker with ten Chromes, all signed in to generation 1. */
async function startTen(t: Tap) {
  const broker = createBroker(issued(1))
  const chromes = Array.from({ length: 10 }, (_, index) => createChrome(`chrome-${index}`))
  const clock = createClock()
  const { log, said } = createLog()
  const stop = new AbortController()
  const ended = runWorker(
    { broker: broker.port, chromes: chromes.map(({ port }) => port), clock, log },
    { sessions: ['amazon'], lookEveryMs, signal: stop.signal },
  )
  t.teardown(async () => {
    stop.abort()
    await ended
  })
  await settle()
  const signOut = (generation: number) => {
    for (const { fake } of chromes)
      fake.see = (state) => ((state?.generation ?? 0) <= generation ? 'signed_out' : 'signed_in')
  }
  return { broker: broker.fake, chromes, clock, said, signOut }
}

type Tap = Pick<typeof t, 'teardown'>

const answers = (outcome: 'alive' | 'renewed', generation: number) => ({
  session: 'amazon',
  generation,
  revision: 0,
  outcome,
})

t.test('ten Chromes that are signed out at once ask the broker once', async (t) => {
  const { broker, chromes, clock, signOut } = await startTen(t)
  signOut(1)
  broker.onRefresh = async () => {
    broker.publish(issued(2))
    return answers('renewed', 2)
  }
  await clock.turn(2 * lookEveryMs)
  t.match(broker.refreshes, [{ generation: 1 }])
  t.equal(broker.refreshes.length, 1)
  for (const { generations } of chromes) t.same(generations(), [1, 2])
})

t.test('while the newer state is on its way, nobody asks again', async (t) => {
  const { broker, chromes, clock, signOut } = await startTen(t)
  const [first] = chromes
  if (first) first.fake.see = () => 'signed_out'
  broker.onRefresh = async () => answers('renewed', 2)
  await clock.turn(1.1 * lookEveryMs)
  t.equal(broker.refreshes.length, 1)
  signOut(1)
  for (const { fake } of chromes) {
    fake.end()
    fake.start()
  }
  await clock.turn(lookEveryMs / 2)
  t.equal(broker.refreshes.length, 1, 'nine more have found out')
  broker.publish(issued(2))
  await settle()
  for (const { generations } of chromes) t.same(generations(), [1, 1, 2])
  t.equal(broker.refreshes.length, 1)
})

t.test('it is alive: each of them has it once more, for one question', async (t) => {
  const { broker, chromes, clock } = await startTen(t)
  for (const { fake } of chromes) fake.see = () => (fake.applied.length > 1 ? 'signed_in' : 'signed_out')
  let answer = () => {}
  broker.onRefresh = () =>
    new Promise((resolve) => {
      answer = () => resolve(answers('alive', 1))
    })
  await clock.turn(2 * lookEveryMs)
  answer()
  await clock.turn(20 * lookEveryMs)
  t.equal(broker.refreshes.length, 1)
  for (const { generations } of chromes) t.same(generations(), [1, 1])
})

t.test('an old answer does not count for a Chrome that is found signed out later', async (t) => {
  const { broker, chromes, clock } = await startTen(t)
  const [one, another] = chromes
  if (!one || !another) throw new Error('there are ten')
  one.fake.see = () => (one.fake.applied.length > 1 ? 'signed_in' : 'signed_out')
  broker.onRefresh = async () => answers('alive', 1)
  await clock.turn(5 * lookEveryMs)
  t.equal(broker.refreshes.length, 1)
  another.fake.see = (state) => ((state?.generation ?? 0) < 2 ? 'signed_out' : 'signed_in')
  broker.onRefresh = async () => {
    broker.publish(issued(2))
    return answers('renewed', 2)
  }
  await clock.turn(5 * lookEveryMs)
  t.equal(broker.refreshes.length, 2)
  t.same(another.generations(), [1, 2])
})

t.test('the login fails: they wait together, not each for itself', async (t) => {
  const { broker, clock, signOut, said } = await startTen(t)
  signOut(1)
  broker.onRefresh = async () => {
    throw new ProblemError('check_unclear', 'the site is down')
  }
  await clock.turn(60 * lookEveryMs)
  t.ok(broker.refreshes.length < 20, `asked ${broker.refreshes.length} times in an hour`)
  t.equal(said('refresh failed').length, broker.refreshes.length)
})

t.test('what could not be asked while the broker was away is asked when it is back', async (t) => {
  const { broker, clock, signOut, said } = await startTen(t)
  broker.link('events')
  signOut(1)
  broker.failure = new Error('cannot be reached')
  broker.link('away')
  await clock.turn(60 * lookEveryMs)
  const before = broker.refreshes.length
  t.equal(said('refresh answered').length, 0)
  broker.failure = undefined
  broker.onRefresh = async () => {
    broker.publish(issued(2))
    return answers('renewed', 2)
  }
  broker.link('events')
  await clock.turn(1_000)
  t.equal(broker.refreshes.length, before + 1)
  t.match(said('refresh answered'), [{ generation: 2 }])

  broker.onRefresh = async () => {
    throw new ProblemError('login_backing_off', 'not yet', { retryAfterSeconds: 480 })
  }
  signOut(2)
  await clock.turn(2 * lookEveryMs)
  const told = broker.refreshes.length
  broker.link('away')
  broker.link('events')
  await clock.turn(1_000)
  t.equal(broker.refreshes.length, told, 'what the broker itself has put off stays put off')
})
