import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { runWorker } from '../../../apps/worker/src/session/run-worker.ts'
import { createBroker, createChrome, createClock, createLog, FinalError, issued, settle } from './fakes.ts'

const lookEveryMs = 60_000

/** One worker with one Chrome, and amazon in generation 1 at the broker; unless told otherwise. */
async function start(
  t: Tap,
  {
    broker = createBroker(issued(1)),
    chrome = createChrome(),
    others = [] as ReturnType<typeof createChrome>[],
    sessions = ['amazon'],
  } = {},
) {
  const clock = createClock()
  const { log, lines, said } = createLog()
  const stop = new AbortController()
  const chromes = [chrome, ...others].map(({ port }) => port)
  const ended = runWorker(
    { broker: broker.port, chromes, clock, log },
    { sessions, lookEveryMs, signal: stop.signal },
  )
  ended.catch(() => undefined)
  t.teardown(async () => {
    stop.abort()
    await ended.catch(() => undefined)
  })
  await settle()
  return {
    broker: broker.fake,
    chrome: chrome.fake,
    generations: chrome.generations,
    clock,
    lines,
    said,
    stop,
    ended,
  }
}

type Tap = Pick<typeof t, 'teardown'>

t.test('what the broker has goes in at once, is looked at, and is reported', async (t) => {
  const { generations, broker, said } = await start(t)
  t.same(generations(), [1])
  t.match(said('applied'), [
    { session: 'amazon', generation: 1, revision: 0, applyMs: 40, chrome: 'Chrome/156 (one)' },
  ])
  t.match(broker.reports.at(-1), {
    worker: 'one',
    session: 'amazon',
    generation: 1,
    outcome: 'applied',
    seen: 'signed_in',
    applyMs: 40,
  })
})

t.test('a report tells why a state was put in, and how long ago', async (t) => {
  const { chrome, broker, clock } = await start(t)
  const last = () => broker.reports.at(-1)
  t.match(last(), { generation: 1, cause: 'attached', appliedAgoMs: 0 })

  await t.test('published: Chrome held an older one', async (t) => {
    const reloaded = Promise.withResolvers<void>()
    chrome.onApply = async () => {
      await reloaded.promise
      return { applyMs: 40 }
    }
    broker.publish(issued(2))
    await clock.turn(70)
    reloaded.resolve()
    await settle()
    t.match(last(), { generation: 2, cause: 'published', appliedAgoMs: 30 }, 'since it was read back')
  })

  await t.test('and is told as late as the broker is back, with the true time', async (t) => {
    const awayMs = 3 * 60_000
    chrome.onApply = async () => {
      broker.failure = new Error('cannot be reached')
      return { applyMs: 0 }
    }
    broker.publish(issued(3))
    await clock.turn(awayMs)
    t.match(last(), { generation: 2 })
    chrome.onApply = async () => ({})
    broker.failure = undefined
    await clock.turn(60_000)
    t.match(last(), { generation: 3, cause: 'published' })
    const { appliedAgoMs = 0 } = last() ?? {}
    t.ok(appliedAgoMs >= awayMs && appliedAgoMs <= awayMs + 60_000, `${appliedAgoMs} ms`)
  })

  await t.test('attached: Chrome is new', async (t) => {
    chrome.end()
    chrome.start()
    await clock.turn(1_000)
    t.match(last(), { generation: 3, cause: 'attached' })
  })

  await t.test('refused: nothing was put in', async (t) => {
    chrome.onApply = async () => ({ outcome: 'refused' })
    broker.publish(issued(4))
    await settle()
    t.match(last(), { generation: 4, outcome: 'refused' })
    t.notOk('cause' in (last() ?? {}))
    t.notOk('appliedAgoMs' in (last() ?? {}))
  })
})

t.test('a report that the broker cannot take now is sent again, one that it refuses is not', async (t) => {
  const { chrome, broker, clock, said } = await start(t)
  const failing = (failure: Error) => async () => {
    broker.failure = failure
    return {}
  }
  const before = broker.reports.length
  chrome.onApply = failing(new ProblemError('store_unavailable', 'away'))
  broker.publish(issued(2))
  await clock.turn(10_000)
  t.equal(broker.reports.length, before)
  broker.failure = undefined
  await clock.turn(60_000)
  t.match(broker.reports.slice(before), [{ generation: 2, outcome: 'applied' }])
  t.same(said('report refused'), [])
  chrome.onApply = failing(new ProblemError('session_unknown', 'no such session'))
  broker.publish(issued(3))
  await clock.turn(10_000)
  t.match(said('report refused'), [{ generation: 3, code: 'session_unknown' }])
})

t.test('a new generation goes in when it is announced', async (t) => {
  const { generations, broker } = await start(t)
  broker.publish(issued(2))
  await settle()
  t.same(generations(), [1, 2])
})

t.test('that a state is found dead, or alive again, is no reason to ask for it', async (t) => {
  const { broker, generations } = await start(t)
  broker.announce(issued(1))
  await settle()
  const asked = broker.cookieCalls
  for (const status of ['dead', 'unknown', 'live'] as const) broker.announce(issued(1), status)
  await settle()
  t.equal(broker.cookieCalls, asked)
  broker.announce(issued(1))
  await settle()
  t.equal(broker.cookieCalls, asked + 1, 'told once more, after a reconnect: it may be another one')
  broker.announce(issued(1), 'dead')
  broker.publish(issued(2))
  await settle()
  t.same(generations(), [1, 2])
})

t.test('what is announced while its forerunner is on its way is still waited for', async (t) => {
  const { broker, generations, clock } = await start(t)
  broker.onCookies = async () => {
    broker.onCookies = async () => {}
    // At another replica; the one that is asked learns of it later.
    broker.announce(issued(3))
    await settle()
  }
  broker.publish(issued(2))
  for (let turn = 0; turn < 3; turn++) await settle()
  t.same(generations(), [1, 2])
  broker.states.set('amazon', issued(3))
  await clock.turn(5_000)
  t.same(generations(), [1, 2, 3])
})

t.test('a new generation does not wait for a look that takes long', async (t) => {
  const { chrome, generations, broker, clock, said } = await start(t)
  let brokenOff = 0
  chrome.onLook = (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        brokenOff += 1
        reject(signal.reason)
      })
    })
  await clock.turn(2 * lookEveryMs)
  t.equal(chrome.looks, 2, 'a look is under way')
  chrome.see = ({ generation = 0 } = issued(1)) => (generation < 2 ? 'signed_out' : 'signed_in')
  broker.publish(issued(2))
  await settle()
  t.same(generations(), [1, 2])
  t.equal(brokenOff, 1)
  t.same(said('chrome failed'), [])
  chrome.onLook = async () => {}
  broker.publish(issued(3))
  await settle()
  t.match(broker.reports.at(-1), { generation: 3, seen: 'signed_in' }, 'and it is looked at then')
})

t.test('a new revision goes in, too', async (t) => {
  const { chrome, broker } = await start(t)
  broker.publish(issued(1, { revision: 1 }))
  await settle()
  t.same(
    chrome.applied.map(({ revision }) => revision),
    [0, 1],
  )
})

t.test('an announcement before the replica has the state is not forgotten', async (t) => {
  const { generations, broker, clock } = await start(t)
  broker.announce(issued(2))
  await settle()
  broker.states.set('amazon', issued(2))
  await clock.turn(2_000)
  t.same(generations(), [1, 2])
})

t.test('what nobody announced is found all the same, within some minutes', async (t) => {
  const { generations, broker, clock } = await start(t)
  broker.states.set('amazon', issued(2))
  await clock.turn(10 * 60_000)
  t.same(generations(), [1, 2])
})

t.test('an older state never goes in', async (t) => {
  const older = [
    ['an older generation', issued(4)],
    ['an older revision', issued(5, { revision: 2 })],
    ['the same again', issued(5, { revision: 3 })],
  ] as const
  for (const [what, state] of older) {
    await t.test(what, async (t) => {
      const held = issued(5, { revision: 3 })
      const { chrome, broker, clock } = await start(t, { broker: createBroker(held) })
      broker.publish(state)
      await clock.turn(20 * 60_000)
      t.same(chrome.applied, [held])
    })
  }

  await t.test('nor after a restart of Chrome', async (t) => {
    const { chrome, generations, broker, clock } = await start(t, { broker: createBroker(issued(5)) })
    broker.publish(issued(4))
    await clock.turn(1_000)
    chrome.end()
    chrome.start()
    await clock.turn(1_000)
    t.same(generations(), [5, 5])
  })
})

t.test('a lower generation that was obtained later goes in: the store began anew', async (t) => {
  const { generations, broker } = await start(t, { broker: createBroker(issued(5)) })
  broker.publish(issued(1, { day: 20 }))
  await settle()
  broker.publish(issued(2, { day: 21 }))
  await settle()
  t.same(generations(), [5, 1, 2])
})

t.test('a Chrome that is not there is waited for', async (t) => {
  const chrome = createChrome()
  chrome.fake.end()
  const { generations, clock, said } = await start(t, { chrome })
  await clock.turn(60_000)
  t.same(generations(), [])
  t.equal(said('chrome not there').length, 1, 'it is said once')
  chrome.fake.start()
  await clock.turn(500)
  t.same(generations(), [1])
})

t.test('a Chrome that restarts has the session again within a second', async (t) => {
  const { chrome, generations, clock, said, broker } = await start(t)
  chrome.end()
  await clock.turn(10_000)
  t.equal(said('chrome gone').length, 1)
  t.match(broker.reports.at(-1), { outcome: 'chrome_unreachable', generation: 1 })
  chrome.start()
  await clock.turn(600)
  t.same(generations(), [1, 1])
  t.equal(said('chrome back').length, 1)
})

t.test('a Chrome that ends during an apply gets the whole state when it is back', async (t) => {
  const { chrome, generations, broker, clock } = await start(t)
  chrome.onApply = async () => {
    chrome.end()
    return {}
  }
  broker.publish(issued(2))
  await settle()
  t.same(generations(), [1], 'nothing counts as applied')
  chrome.onApply = async () => ({})
  chrome.start()
  await clock.turn(600)
  t.same(generations(), [1, 2])
})

t.test('an apply that fails is tried again, with pauses', async (t) => {
  const { chrome, generations, broker, clock } = await start(t)
  let tries = 0
  chrome.onApply = async () => {
    tries += 1
    if (tries < 4) throw new Error('Chrome does not answer')
    return {}
  }
  broker.publish(issued(2))
  await settle()
  t.equal(tries, 1)
  await clock.turn(30_000)
  t.equal(tries, 4)
  t.same(generations(), [1, 2])
})

t.test('a state that Chrome refuses is reported and not tried again; the next one is', async (t) => {
  const { chrome, generations, broker, clock, said } = await start(t)
  let tries = 0
  chrome.onApply = async () => {
    tries += 1
    return { outcome: 'refused', detail: 'cookie __Host-a' }
  }
  broker.publish(issued(2))
  await clock.turn(20 * 60_000)
  t.equal(tries, 1)
  t.match(broker.reports.at(-1), { generation: 2, outcome: 'refused', detail: 'cookie __Host-a' })
  t.match(said('apply refused'), [{ generation: 2, reason: 'cookie __Host-a' }])
  chrome.onApply = async () => ({})
  broker.publish(issued(3))
  await settle()
  t.same(generations(), [1, 3])
})

t.test(
  'a login that only a person can mend is left alone for long: each try may be a wrong password more',
  async (t) => {
    const broker = createBroker(issued(1))
    broker.fake.failure = new ProblemError('login_bad_credentials', 'the password is not right')
    const { clock } = await start(t, { broker })
    await clock.turn(60 * 60_000)
    const { cookieCalls } = broker.fake
    t.ok(cookieCalls >= 3 && cookieCalls <= 7, `asked ${cookieCalls} times in an hour`)

    const signedOut = await start(t)
    signedOut.broker.failure = new ProblemError('login_locked', 'the account is locked')
    signedOut.chrome.see = () => 'signed_out'
    await signedOut.clock.turn(60 * 60_000)
    const asked = signedOut.broker.refreshes.length
    t.ok(asked >= 3 && asked <= 7, `asked for a refresh ${asked} times in an hour`)
  },
)

t.test('a state that the broker has forgotten stays in Chrome, until there is a newer one', async (t) => {
  const { chrome, generations, broker, clock, said } = await start(t)
  broker.failureOf.set('amazon', new ProblemError('session_absent', 'amazon was forgotten'))
  broker.announce(issued(1), 'absent')
  await clock.turn(60 * 60_000)
  t.same(generations(), [1])
  t.match(said('no session'), [{ code: 'session_absent' }])
  t.same(broker.refreshes, [], 'nobody asks for a login')
  chrome.end()
  chrome.start()
  await clock.turn(1_000)
  t.same(generations(), [1, 1])
  broker.failureOf.clear()
  broker.publish(issued(2))
  await clock.turn(1_000)
  t.same(generations(), [1, 1, 2])
})

t.test('while the broker is away', async (t) => {
  await t.test('the last state is kept, and goes into a Chrome that restarts', async (t) => {
    const { chrome, generations, broker, clock } = await start(t)
    broker.failure = new Error('cannot be reached')
    await clock.turn(60 * 60_000)
    chrome.end()
    chrome.start()
    await clock.turn(1_000)
    t.same(generations(), [1, 1])
  })

  await t.test('from the start, it is asked again until it is there, and that is said once', async (t) => {
    const broker = createBroker(issued(1))
    broker.fake.failure = new Error('cannot be reached')
    const { generations, clock, said } = await start(t, { broker })
    await clock.turn(10 * 60_000)
    t.same(generations(), [])
    t.equal(said('no answer from the broker').length, 1)
    t.ok(broker.fake.cookieCalls > 15, 'it was asked again and again')
    t.ok(broker.fake.cookieCalls < 60, 'with pauses that grow')
    broker.fake.failure = undefined
    await clock.turn(30_000)
    t.same(generations(), [1])
  })

  await t.test('and where it may not log in yet, the first state is asked for when it may', async (t) => {
    const broker = createBroker()
    broker.fake.failure = new ProblemError('login_budget_spent', 'tomorrow', { retryAfterSeconds: 80_000 })
    const { clock, generations } = await start(t, { broker })
    await clock.turn(60 * 60_000)
    t.ok(broker.fake.cookieCalls <= 5, `asked ${broker.fake.cookieCalls} times in an hour`)
    broker.fake.failure = undefined
    broker.fake.publish(issued(1))
    await clock.turn(1_000)
    t.same(generations(), [1], 'at once, when there is one')
  })

  await t.test('a sign-out here asks again later', async (t) => {
    const { chrome, broker, clock } = await start(t)
    broker.failure = new Error('cannot be reached')
    chrome.see = () => 'signed_out'
    await clock.turn(30 * 60_000)
    const asked = broker.refreshes.length
    t.ok(asked >= 3 && asked <= 8, `asked ${asked} times in half an hour`)
  })

  await t.test('only the newest report waits for it', async (t) => {
    const { chrome, broker, clock } = await start(t)
    const before = broker.reports.length
    broker.failure = new Error('cannot be reached')
    for (let times = 0; times < 5; times++) {
      chrome.end()
      chrome.start()
      await clock.turn(1_000)
    }
    broker.failure = undefined
    await clock.turn(60_000)
    const told = broker.reports.slice(before)
    t.ok(told.length <= 2, `${told.length} reports`)
    t.match(told.at(-1), { outcome: 'applied', generation: 1 })
  })
})

t.test('signed out here', async (t) => {
  const signedOutBelow = (generation: number) => (state: { generation: number } | undefined) =>
    (state?.generation ?? 0) < generation ? 'signed_out' : 'signed_in'

  await t.test('asks the broker with the generation that was seen, and its new one goes in', async (t) => {
    const { chrome, generations, broker, clock, said } = await start(t)
    chrome.see = signedOutBelow(2)
    broker.onRefresh = async () => {
      broker.publish(issued(2))
      return { session: 'amazon', generation: 2, revision: 0, outcome: 'renewed' }
    }
    await clock.turn(2 * lookEveryMs)
    t.match(broker.refreshes, [{ session: 'amazon', generation: 1, reason: /signed out in Chrome.*of one/ }])
    t.same(generations(), [1, 2])
    t.equal(said('signed out here').length, 1)
    t.match(said('refresh answered'), [{ outcome: 'renewed', generation: 2 }])
    t.match(broker.reports.at(-1), { generation: 2, seen: 'signed_in' })
  })

  await t.test('the answer alone suffices, should the event be lost', async (t) => {
    const { chrome, generations, broker, clock } = await start(t)
    chrome.see = signedOutBelow(2)
    broker.onRefresh = async () => {
      broker.states.set('amazon', issued(2))
      return { session: 'amazon', generation: 2, revision: 0, outcome: 'newer' }
    }
    await clock.turn(2 * lookEveryMs)
    t.same(generations(), [1, 2])
  })

  await t.test('the event alone suffices, while the answer is still awaited', async (t) => {
    const { chrome, generations, broker, clock } = await start(t)
    chrome.see = signedOutBelow(2)
    let answer = () => {}
    broker.onRefresh = () =>
      new Promise((resolve) => {
        answer = () => resolve({ session: 'amazon', generation: 1, revision: 0, outcome: 'alive' })
      })
    await clock.turn(2 * lookEveryMs)
    broker.publish(issued(2))
    await settle()
    t.same(generations(), [1, 2])
    answer()
    await clock.turn(2 * lookEveryMs)
    t.same(generations(), [1, 2], 'and a late answer changes nothing')
  })

  await t.test('is asked once while the answer is awaited', async (t) => {
    const { chrome, broker, clock } = await start(t)
    chrome.see = () => 'signed_out'
    broker.onRefresh = () => new Promise(() => {})
    await clock.turn(20 * lookEveryMs)
    broker.publish(issued(1, { revision: 1 }))
    await clock.turn(20 * lookEveryMs)
    t.equal(broker.refreshes.length, 1)
    broker.publish(issued(2))
    await clock.turn(20 * lookEveryMs)
    t.match(broker.refreshes, [{ generation: 1 }, { generation: 2 }], 'and once more for the next generation')
  })

  await t.test('though the broker finds it alive: goes in once more, and that may help', async (t) => {
    const { chrome, generations, broker, clock, said } = await start(t)
    chrome.see = () => (chrome.applied.length > 1 ? 'signed_in' : 'signed_out')
    broker.onRefresh = async ({ session, generation }) => ({
      session,
      generation,
      revision: 0,
      outcome: 'alive',
    })
    await clock.turn(10 * lookEveryMs)
    t.same(generations(), [1, 1])
    t.equal(broker.refreshes.length, 1)
    t.equal(said('not accepted here').length, 0)
    t.match(broker.reports.at(-1), { outcome: 'applied', seen: 'signed_in' })
  })

  await t.test('though alive, and once more did not help: is reported and left at that', async (t) => {
    const { chrome, generations, broker, clock, said } = await start(t)
    chrome.see = (state) => (state && state.generation > 1 ? 'signed_in' : 'signed_out')
    broker.onRefresh = async ({ session, generation }) => ({
      session,
      generation,
      revision: 0,
      outcome: 'alive',
    })
    await clock.turn(100 * lookEveryMs)
    t.same(generations(), [1, 1])
    t.equal(broker.refreshes.length, 1)
    t.equal(said('not accepted here').length, 1)
    t.match(broker.reports.at(-1), { generation: 1, outcome: 'not_accepted_here', seen: 'signed_out' })

    chrome.end()
    chrome.start()
    await clock.turn(10 * lookEveryMs)
    t.equal(broker.refreshes.length, 1, 'nor after a restart of Chrome')

    broker.publish(issued(2))
    await settle()
    t.same(generations(), [1, 1, 1, 2])
    t.match(broker.reports.at(-1), { generation: 2, outcome: 'applied', seen: 'signed_in' })
    chrome.see = () => 'signed_out'
    await clock.turn(2 * lookEveryMs)
    t.equal(broker.refreshes.length, 2, 'the next generation may ask again')
  })

  await t.test('alive in a newer revision: that goes in, not the old one once more', async (t) => {
    const { chrome, broker, clock } = await start(t)
    chrome.see = (state) => ((state?.revision ?? 0) < 1 ? 'signed_out' : 'signed_in')
    broker.onRefresh = async () => {
      broker.states.set('amazon', issued(1, { revision: 1 }))
      return { session: 'amazon', generation: 1, revision: 1, outcome: 'alive' }
    }
    await clock.turn(2 * lookEveryMs)
    t.same(
      chrome.applied.map(({ revision }) => revision),
      [0, 1],
    )
  })

  await t.test('and the login fails: is asked again after pauses that grow', async (t) => {
    const { chrome, broker, clock, said } = await start(t)
    chrome.see = () => 'signed_out'
    broker.onRefresh = async () => {
      throw new ProblemError('login_captcha', 'the site asks for a captcha')
    }
    await clock.turn(60 * lookEveryMs)
    t.ok(broker.refreshes.length < 12, `asked ${broker.refreshes.length} times in an hour`)
    t.match(said('refresh failed')[0], { code: 'login_captcha' })
  })

  await t.test('and the broker says when a login may be made: is not asked before', async (t) => {
    const { chrome, broker, clock } = await start(t)
    chrome.see = () => 'signed_out'
    broker.onRefresh = async () => {
      throw new ProblemError('login_backing_off', 'not yet', { retryAfterSeconds: 480 })
    }
    await clock.turn(2 * lookEveryMs)
    t.equal(broker.refreshes.length, 1)
    await clock.turn(480_000 - 2 * lookEveryMs)
    t.equal(broker.refreshes.length, 1)
    await clock.turn(240_000)
    t.equal(broker.refreshes.length, 2)
  })
})

t.test('where the site does not tell, nothing is done', async (t) => {
  const { chrome, generations, broker, clock } = await start(t)
  chrome.see = () => 'unclear'
  await clock.turn(20 * lookEveryMs)
  t.ok(chrome.looks > 10)
  t.same(broker.refreshes, [])
  t.same(generations(), [1])
})

t.test('Chrome is looked at about as often as said', async (t) => {
  const { chrome, clock } = await start(t)
  const before = chrome.looks
  await clock.turn(60 * lookEveryMs)
  const looks = chrome.looks - before
  t.ok(looks >= 50 && looks <= 75, `${looks} looks in an hour`)
})

t.test('a session that the broker refuses for good', async (t) => {
  const refusing = () => {
    const broker = createBroker(issued(1))
    broker.fake.states.set('other', issued(1, { session: 'other' }))
    broker.fake.failureOf.set('other', new FinalError('no such session'))
    return broker
  }

  await t.test('does not stop another one', async (t) => {
    const { generations, broker, said } = await start(t, {
      broker: refusing(),
      sessions: ['other', 'amazon'],
    })
    t.match(said('session given up'), [{ session: 'other' }])
    broker.publish(issued(2))
    await settle()
    t.same(generations(), [1, 2])
  })

  await t.test('ends the worker when it is the only one', async (t) => {
    const { ended, chrome } = await start(t, { broker: refusing(), sessions: ['other'] })
    await t.rejects(ended, { message: 'no such session' })
    t.equal(chrome.detached, 1)
  })
})

t.test('several Chromes each get each session, and one that is away holds up none', async (t) => {
  const broker = createBroker(issued(1))
  broker.fake.states.set('other', issued(1, { session: 'other' }))
  const [chrome, second, away] = [createChrome('one'), createChrome('two'), createChrome('away')]
  away.fake.end()
  await start(t, { broker, chrome, others: [second, away], sessions: ['amazon', 'other'] })
  for (const { fake } of [chrome, second]) {
    t.same(fake.applied.map(({ session }) => session).sort(), ['amazon', 'other'])
  }
  t.same([...new Set(broker.fake.reports.map(({ worker }) => worker))].sort(), ['one', 'two'])
})

t.test(
  'two sessions that share a site in one Chrome: the second is refused with what they share',
  async (t) => {
    const broker = createBroker(issued(1, { domains: ['.shop.example', 'a.example'] }))
    broker.fake.states.set('other', issued(1, { session: 'other', domains: ['b.example', 'shop.example'] }))
    const { chrome, said, clock } = await start(t, { broker, sessions: ['amazon', 'other'] })
    await clock.turn(10 * lookEveryMs)
    t.same(
      chrome.applied.map(({ session }) => session),
      ['amazon'],
    )
    t.match(said('apply refused'), [
      { session: 'other', reason: 'the session amazon has shop.example in this Chrome already' },
    ])
    t.match(
      broker.fake.reports.find(({ session }) => session === 'other'),
      { outcome: 'refused' },
    )
  },
)

t.test('stopping detaches and leaves Chrome as it is', async (t) => {
  const { stop, ended, chrome, generations, broker } = await start(t)
  stop.abort()
  await t.resolves(ended)
  t.equal(chrome.detached, 1)
  broker.publish(issued(2))
  await settle()
  t.same(generations(), [1])
})

t.test('no line of the log holds a cookie’s value', async (t) => {
  const { lines, chrome, clock, broker } = await start(t)
  chrome.see = () => 'signed_out'
  broker.onRefresh = async ({ session, generation }) => ({
    session,
    generation,
    revision: 0,
    outcome: 'alive',
  })
  await clock.turn(5 * lookEveryMs)
  t.ok(lines.length > 5)
  t.notMatch(JSON.stringify(lines), 'of-generation')
})
