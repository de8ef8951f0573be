import { type Cookie, type ErrorCode, ProblemError } from '@session-broker/shared'
import t from 'tap'
import { runWorker } from '../../../apps/worker/src/session/run-worker.ts'
import { createPace } from '../../../apps/worker/src/session/write-back/pace.ts'
import { createBroker, createChrome, createClock, createLog, issued, settle } from './fakes.ts'

const lookEveryMs = 60_000
const everyMs = 5_000

/** One worker that writes back, with one Chrome that is signed in, and amazon in generation 1 at the broker. */
async function start(
  t: Tap,
  { broker = createBroker(issued(1)), chrome = createChrome(), writesBack = true } = {},
) {
  const clock = createClock()
  const { log, said } = createLog()
  const stop = new AbortController()
  const order = {
    sessions: ['amazon'],
    lookEveryMs,
    ...(writesBack && { writeBackEveryMs: everyMs }),
    signal: stop.signal,
  }
  const ended = runWorker({ broker: broker.port, chromes: [chrome.port], clock, log }, order)
  ended.catch(() => undefined)
  t.teardown(async () => {
    stop.abort()
    await clock.turn(60_000)
    await ended
  })
  await settle()
  const values = () => broker.fake.written.map(({ cookies }) => cookies[0]?.value)
  return { broker: broker.fake, chrome: chrome.fake, clock, said, stop, ended, values }
}

type Tap = Pick<typeof t, 'teardown'>

const sid = (value: string): Cookie[] =>
  issued(1).cookies.map((cookie) => ({ ...cookie, value: `rotated-${value}` }))
const revisions = ({ applied }: { applied: { revision: number }[] }) =>
  applied.map(({ revision }) => revision)

t.test('what the site has changed is given back at the next look, and once', async (t) => {
  const { broker, chrome, clock, said, values } = await start(t)
  await clock.turn(10 * everyMs)
  t.same(broker.written, [], 'nothing has changed')
  t.equal(broker.writer, undefined, 'and nobody need write')
  chrome.jar = sid('a')
  await clock.turn(1.2 * everyMs)
  t.same(values(), ['rotated-a'])
  t.match(said('written back'), [
    { session: 'amazon', generation: 1, revision: 1, reason: 'sid', worker: 'one' },
  ])
  await clock.turn(20 * everyMs)
  t.same(values(), ['rotated-a'])
  t.notMatch(JSON.stringify(said('written back')), /rotated/, 'values are not told')
})

t.test('the revision that comes of it is merged onto the one before, and is no reason to look', async (t) => {
  const { broker, chrome, clock } = await start(t)
  chrome.jar = sid('a')
  const looks = chrome.looks
  broker.onWriteBack = async () => sid('of-the-check')
  await clock.turn(1.2 * everyMs)
  t.same(revisions(chrome), [0, 1])
  t.same(chrome.bases, [undefined, 0])
  t.match(chrome.applied[1]?.cookies, sid('of-the-check'))
  t.equal(chrome.looks, looks + 1, 'the one before it was given back')
})

t.test('without being told to, it gives nothing back, and merges all the same', async (t) => {
  const { broker, chrome, clock } = await start(t, { writesBack: false })
  chrome.jar = sid('a')
  await clock.turn(2 * lookEveryMs)
  t.same(broker.written, [])
  broker.publish(issued(1, { revision: 1 }))
  await settle()
  t.same(chrome.bases, [undefined, 0])
  t.same(chrome.jar, sid('a'))
})

t.test('another generation replaces all that was here', async (t) => {
  const { broker, chrome, clock } = await start(t)
  chrome.jar = sid('a')
  broker.publish(issued(2))
  await clock.turn(2 * everyMs)
  t.same(chrome.bases, [undefined, undefined])
  t.same(broker.written, [])
})

t.test('one that comes while it is written ends that', async (t) => {
  const { broker, chrome, clock } = await start(t)
  const asked = Promise.withResolvers<void>()
  broker.onWriteBack = () => {
    asked.resolve()
    return new Promise(() => {})
  }
  chrome.jar = sid('a')
  const turning = clock.turn(1.2 * everyMs)
  await asked.promise
  broker.publish(issued(2))
  await turning
  await settle()
  t.equal(chrome.applied.at(-1)?.generation, 2, 'it is not kept waiting')
})

t.test('a Chrome that is signed out gives nothing back, and asks for a refresh', async (t) => {
  const { broker, chrome, clock } = await start(t)
  broker.onRefresh = async () => {
    broker.publish(issued(2))
    return { session: 'amazon', generation: 2, revision: 0, outcome: 'renewed' }
  }
  chrome.see = (state) => (state?.generation === 2 ? 'signed_in' : 'signed_out')
  chrome.jar = sid('of-a-stranger')
  await clock.turn(1.2 * everyMs)
  t.match(broker.refreshes, [{ generation: 1 }])
  t.same(broker.written, [])
  t.same(broker.released, ['one'], 'another may write')
  t.equal(chrome.applied.at(-1)?.generation, 2)
})

t.test('nor where that gets it nothing new', async (t) => {
  const { broker, chrome, clock } = await start(t)
  broker.onRefresh = () => Promise.reject(new ProblemError('login_backing_off', 'not yet'))
  chrome.see = () => 'signed_out'
  chrome.jar = sid('of-a-stranger')
  await clock.turn(3 * lookEveryMs)
  t.ok(broker.refreshes.length > 0)
  t.same(broker.written, [])
})

t.test('nor where the same state goes in once more, and then nothing has changed', async (t) => {
  const { broker, chrome, clock, said } = await start(t)
  broker.onRefresh = async ({ session, generation }) => {
    chrome.see = () => 'signed_in'
    return { session, generation, revision: 0, outcome: 'alive' }
  }
  chrome.see = () => 'signed_out'
  chrome.jar = sid('of-a-stranger')
  await clock.turn(3 * lookEveryMs)
  t.same(revisions(chrome), [0, 0])
  t.equal(said('signed in here').length, 2)
  t.same(broker.written, [])
})

t.test('whoever is not the writer waits, and writes when it is', async (t) => {
  const { broker, chrome, clock, values } = await start(t)
  broker.writer = 'another'
  chrome.jar = sid('a')
  const looks = chrome.looks
  await clock.turn(5 * everyMs)
  t.same(values(), [])
  t.equal(chrome.looks, looks, 'the site hears nothing of that')
  broker.writer = undefined
  await clock.turn(1.2 * everyMs)
  t.same(values(), ['rotated-a'])
})

t.test('of two that write one is first, and the other’s goes in on top of it', async (t) => {
  const { broker, chrome, clock, values } = await start(t)
  let isFirst = true
  broker.onWriteBack = async (cookies) => {
    if (isFirst) broker.states.set('amazon', issued(1, { revision: 1 }))
    isFirst = false
    return cookies
  }
  chrome.jar = sid('a')
  await clock.turn(2 * everyMs)
  t.same(revisions(chrome), [0, 1, 2], 'that of the other was merged before it tried again')
  t.same(values(), ['rotated-a'])
  t.match(broker.written, [{ revision: 2 }])
})

t.test('what comes of it is later than what was given back', async (t) => {
  const { broker, chrome, clock } = await start(t)
  chrome.jar = sid('a')
  broker.onWriteBack = async () => sid('of-the-check')
  await clock.turn(1.2 * everyMs)
  t.same(chrome.seen, [undefined, sid('a')])
  broker.publish(issued(1, { revision: 2 }))
  await settle()
  t.equal(chrome.seen[2], undefined, 'the next is another matter')
})

t.test('of what waited for its turn, the writer’s is later, unless it was under way', async (t) => {
  const { broker, chrome, clock } = await start(t)
  broker.writer = 'another'
  chrome.jar = sid('a')
  await clock.turn(1.2 * everyMs)
  broker.publish(issued(1, { revision: 1 }))
  await settle()
  t.equal(chrome.seen[1], undefined, 'it may have been on its way when this changed')
  await clock.turn(3 * everyMs)
  broker.publish(issued(1, { revision: 2 }))
  await settle()
  t.same(chrome.seen[2], sid('a'))
  chrome.jar = sid('b')
  broker.publish(issued(1, { revision: 3 }))
  await settle()
  t.equal(chrome.seen[3], undefined, 'nobody has looked since')
})

t.test('who is always too late does not try without end', async (t) => {
  const { broker, chrome, clock } = await start(t)
  let puts = 0
  broker.onWriteBack = async (cookies) => {
    puts += 1
    broker.states.set('amazon', issued(1, { revision: puts }))
    return cookies
  }
  chrome.jar = sid('a')
  await clock.turn(10 * 60_000)
  t.same(broker.written, [])
  t.ok(puts > 3 && puts < 60, `${puts} in ten minutes`)
})

t.test('what changes without end is given back more and more seldom', async (t) => {
  const { broker, chrome, clock, values } = await start(t)
  let changes = 0
  broker.onWriteBack = async (cookies) => {
    changes += 1
    chrome.jar = sid(String(changes))
    return cookies
  }
  chrome.jar = sid('0')
  await clock.turn(20_000)
  t.ok(values().length >= 3, 'soon at first')
  const before = values().length
  await clock.turn(20 * 60_000)
  const more = values().length - before
  t.ok(more >= 15 && more <= 30, `${more} times in 20 minutes`)
  broker.onWriteBack = async (cookies) => cookies
})

t.test('pauses grow while each look finds a change, to a minute, and one quiet look ends that', async (t) => {
  const pace = createPace({ clock: { random: () => 0.5 }, everyMs })
  const pauses = Array.from({ length: 9 }, () => {
    pace.sawChange()
    return pace.nextMs() / 1_000
  })
  t.same(pauses, [5, 5, 5, 10, 20, 40, 60, 60, 60])
  pace.sawNone()
  t.equal(pace.nextMs(), everyMs)
})

t.test('what a worker may not write is said once, and left for a while', async (t) => {
  for (const [code, level] of [
    ['write_back_off', 'error'],
    ['scope_missing', 'error'],
    ['state_not_signed_in', 'error'],
    ['check_unclear', 'warn'],
  ] as const satisfies [ErrorCode, string][]) {
    const { broker, chrome, clock, said, values } = await start(t)
    let asked = 0
    broker.onWriteBack = () => {
      asked += 1
      return Promise.reject(new ProblemError(code, 'because the test says so'))
    }
    chrome.jar = sid('a')
    await clock.turn(10 * 60_000)
    const told = [...said('write-back refused'), ...said('write-back failed')]
    t.match(told, [{ code, level, worker: 'one', session: 'amazon' }], code)
    t.ok(asked >= 2 && asked <= 20, `${asked} in ten minutes`)
    broker.onWriteBack = async (cookies) => cookies
    await clock.turn(11 * 60_000)
    t.same(values(), ['rotated-a'], 'and once it may, it does')
  }
})

t.test('at the end what has changed is given back at once, whoever is the writer', async (t) => {
  const { broker, chrome, stop, ended, values } = await start(t)
  broker.writer = 'another'
  chrome.jar = sid('a')
  stop.abort()
  await ended
  t.same(values(), ['rotated-a'])
  t.equal(chrome.detached, 1)
  t.equal(broker.writer, 'another')
})

t.test('at the end another may write', async (t) => {
  const { broker, chrome, clock, stop, ended, values } = await start(t)
  chrome.jar = sid('a')
  await clock.turn(1.2 * everyMs)
  t.equal(broker.writer, 'one')
  stop.abort()
  await ended
  t.same(values(), ['rotated-a'])
  t.equal(broker.writer, undefined)
})

t.test('a broker that does not answer holds the end up for five seconds', async (t) => {
  const { broker, chrome, clock, stop, ended } = await start(t)
  broker.onWriteBack = () => new Promise(() => {})
  chrome.jar = sid('a')
  stop.abort()
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  await clock.turn(4_900)
  t.notOk(isOver)
  await clock.turn(200)
  t.ok(isOver)
})

t.test('where some cookie was not put in as it is, nothing is given back', async (t) => {
  const chrome = createChrome()
  chrome.fake.onApply = async () => ({ outcome: 'partial', cookiesDiffer: true, detail: 'cookie a of b' })
  const { broker, clock } = await start(t, { chrome })
  chrome.fake.jar = sid('a')
  await clock.turn(10 * everyMs)
  t.same(broker.written, [])
})
