import {
  BrokerUnreachableError,
  createBrokerClient,
  type FollowOptions,
  followSession,
} from '@session-broker/client'
import { type IssuedSession, ProblemError } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { issued, json, problem, startScriptedBroker, until } from './scripted-broker.ts'
import { type StateBrokerOptions, startStateBroker } from './state-broker.ts'

const key = 'sb_key'

async function start(t: Test, options: StateBrokerOptions & Partial<FollowOptions> = {}) {
  const broker = await startStateBroker(issued(1), options)
  const client = createBrokerClient({ url: broker.url, key, timing: { answerWithinMs: 5_000 } })
  const states: number[] = []
  const troubles: unknown[] = []
  const followed = await followSession({
    client,
    onState: (state) => states.push(state.generation),
    onTrouble: (error) => troubles.push(error),
    tellAgainMs: 60_000,
    ...options,
  })
  t.teardown(async () => {
    await followed.close()
    await client.close()
    await broker.close()
  })
  await until(() => broker.streams() === 1)
  return { broker, client, followed, states, troubles }
}

t.test('the first state, then every newer one, of the session that the broker takes by itself', async (t) => {
  const { broker, followed, states } = await start(t)
  t.equal(followed.session, 'amazon')
  t.same(states, [1])
  broker.publish(issued(2))
  await until(() => states.length === 2)
  broker.publish(issued(2, { revision: 1 }))
  await until(() => followed.current().revision === 1)
  t.same(states, [1, 2, 2])
  t.same(broker.seen[0]?.url, '/session/cookies', 'no name was given, and none made up')
})

t.test('an older generation never comes after a newer one', async (t) => {
  const { broker, followed, states } = await start(t)
  broker.publish(issued(3))
  await until(() => states.length === 2)
  broker.rollBack(issued(2))
  await until(() => broker.seen.filter(({ headers }) => headers['if-none-match'] === '"3.0-x"').length >= 1)
  // Its answer has been dealt with when the next one is: both come over the same stream, one after the other.
  broker.rollBack(issued(4))
  await until(() => followed.current().generation === 4)
  t.same(states, [1, 3, 4])
})

t.test('what is announced before it can be had is asked for until it can', async (t) => {
  const { broker, states, troubles } = await start(t)
  const asked = () => broker.seen.filter(({ headers }) => headers['if-none-match'] === '"1.0-x"').length
  broker.announce(2)
  await until(() => asked() === 2)
  broker.holdNow(issued(2))
  await until(() => states.length === 2)
  t.same([states, troubles], [[1, 2], []])
})

t.test('what is announced and never given keeps no later news away', async (t) => {
  const { broker, states, troubles } = await start(t)
  broker.announce(9)
  await until(() => troubles.length === 1)
  t.match(troubles, [{ message: 'the broker tells of a newer state and does not give it' }])
  broker.publish(issued(2))
  await until(() => states.length === 2)
})

t.test('never two at a time, and what is overtaken meanwhile is left out', async (t) => {
  let under = 0
  let most = 0
  const gate = Promise.withResolvers<void>()
  const states: number[] = []
  const { broker, followed } = await start(t, {
    async onState({ generation }: IssuedSession) {
      under += 1
      most = Math.max(most, under)
      if (generation === 2) await gate.promise
      states.push(generation)
      under -= 1
    },
  })
  broker.publish(issued(2))
  await until(() => under === 1)
  broker.publish(issued(3))
  broker.publish(issued(4))
  await until(() => broker.seen.some(({ headers }) => headers['if-none-match'] === '"2.0-x"'))
  t.equal(followed.current().generation, 1, 'it counts when it is in')
  gate.resolve()
  await until(() => followed.current().generation === 4)
  t.equal(most, 1)
  t.same([states[0], states.at(-1)], [1, 4])
})

t.test('a state that could not be put in is put in again, and the trouble is told', async (t) => {
  let fails = 2
  const { broker, followed, troubles } = await start(t, {
    onState({ generation }: IssuedSession) {
      if (generation === 2 && fails-- > 0) throw new Error('not now')
    },
  })
  broker.publish(issued(2))
  await until(() => followed.current().generation === 2, 20_000)
  t.match(troubles, [{ message: 'not now' }, { message: 'not now' }])
})

t.test('without somebody to tell it to, trouble is a warning of the process', async (t) => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const { broker } = await start(t, {
    onTrouble: undefined,
    onState({ generation }: IssuedSession) {
      if (generation === 2) throw new Error('not in this browser')
    },
  })
  broker.publish(issued(2))
  t.match(await warned, { name: 'SessionBrokerWarning', message: 'not in this browser' })
})

t.test('a session that is not there ends the beginning', async (t) => {
  const broker = await startScriptedBroker((response) => problem(response, 'session_absent'))
  const client = createBrokerClient({ url: broker.url, key })
  t.teardown(async () => {
    await client.close()
    await broker.close()
  })
  await t.rejects(followSession({ client }), { code: 'session_absent' })
  t.equal(broker.seen.length, 1)
})

t.test('a client is made for one session', async (t) => {
  const broker = await startScriptedBroker((response, { url }) =>
    url.startsWith('/session/cookies')
      ? json(response, 200, issued(1), { etag: '"1.0-x"' })
      : json(response, 200, { session: 'shop', generation: 1, revision: 0, outcome: 'alive' }),
  )
  const client = createBrokerClient({ url: broker.url, key, session: 'shop' })
  t.teardown(async () => {
    await client.close()
    await broker.close()
  })
  await client.cookies()
  await client.refresh()
  await client.cookies({ session: 'other' })
  await client.summary().catch(() => undefined)
  t.same(
    broker.seen.map(({ url }) => url),
    [
      '/session/cookies?session=shop',
      '/session/refresh?session=shop',
      '/session/cookies?session=other',
      '/session?session=shop',
    ],
  )
})

t.test('events without a name are those of the session that the broker takes by itself', async (t) => {
  const broker = await startStateBroker(issued(1))
  const client = createBrokerClient({ url: broker.url, key })
  const stop = new AbortController()
  t.teardown(async () => {
    stop.abort()
    await client.close()
    await broker.close()
  })
  for await (const event of client.watch({ signal: stop.signal })) {
    t.match(event, { session: 'amazon', generation: 1 })
    break
  }
  t.same(
    broker.seen.map(({ url }) => url),
    ['/session', '/session/events?session=amazon'],
  )
})

t.test('events where the broker has to be told which session end with its answer', async (t) => {
  const broker = await startScriptedBroker((response) => problem(response, 'session_ambiguous'))
  const client = createBrokerClient({ url: broker.url, key })
  t.teardown(async () => {
    await client.close()
    await broker.close()
  })
  const watching = client.watch({ signal: AbortSignal.timeout(60_000) })
  await t.rejects(watching.next(), { code: 'session_ambiguous' })
})

t.test('signed out', async (t) => {
  await t.test('of all who find it out, one asks the broker, and all get the new state', async (t) => {
    const { broker, followed } = await start(t, {
      refresh: async () => {
        await until(() => askers === 100)
        broker.publish(issued(2))
        return { session: 'amazon', generation: 2, revision: 0, outcome: 'renewed' }
      },
    })
    let askers = 0
    const seen = followed.current()
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => {
        askers += 1
        return followed.signedOut({ seen, reason: 'the test says so' })
      }),
    )
    t.same(broker.refreshes, [{ generation: 1, reason: 'the test says so' }])
    t.same(
      new Set(answers.map(({ outcome, state }) => `${outcome} ${state.generation}`)),
      new Set(['renewed 2']),
    )
    t.match(await followed.signedOut({ seen }), { outcome: 'newer', state: { generation: 2 } })
    t.equal(broker.refreshes.length, 1, 'there is a newer one: nobody is asked')
  })

  await t.test('a generation that the broker finds alive is not told of again at once', async (t) => {
    const alive = () => ({ session: 'amazon', generation: 1, revision: 0, outcome: 'alive' })
    const { broker, followed } = await start(t, { refresh: alive })
    t.match(await followed.signedOut(), { outcome: 'alive' })
    t.match(await followed.signedOut(), { outcome: 'alive' })
    t.equal(broker.refreshes.length, 1)
    const { broker: patient, followed: eager } = await start(t, { refresh: alive, tellAgainMs: 0 })
    await eager.signedOut()
    await eager.signedOut()
    t.equal(patient.refreshes.length, 2)
  })

  await t.test(
    'a login that fails is told to all with its own problem, and not asked for again before its time',
    async (t) => {
      const { broker, followed } = await start(t, {
        tellAgainMs: 0,
        refresh() {
          throw new ProblemError('login_backing_off', 'not yet', { retryAfterSeconds: 60 })
        },
      })
      const failures = await Promise.allSettled([followed.signedOut(), followed.signedOut()])
      for (const failure of failures) t.match(failure, { reason: { code: 'login_backing_off' } })
      await t.rejects(followed.signedOut(), { code: 'login_backing_off' })
      t.equal(broker.refreshes.length, 1)
    },
  )

  await t.test('a broker that could not be reached is asked again by the next', async (t) => {
    const alive = () => ({ session: 'amazon', generation: 1, revision: 0, outcome: 'alive' })
    const { broker, client } = await start(t, { refresh: alive })
    let isAway = true
    const refresh: typeof client.refresh = async (asked) => {
      if (isAway) throw new BrokerUnreachableError('nothing listens there')
      return client.refresh(asked)
    }
    const followed = await followSession({
      client: { ...client, refresh },
      onState: () => undefined,
      tellAgainMs: 60_000,
    })
    t.teardown(() => followed.close())
    await t.rejects(followed.signedOut(), { name: 'BrokerUnreachableError' })
    isAway = false
    t.match(await followed.signedOut(), { outcome: 'alive' })
    t.equal(broker.refreshes.length, 1)
  })

  await t.test('who gives up leaves the question to the others', async (t) => {
    const { broker, followed } = await start(t, {
      refresh: async () => {
        await given.promise
        broker.publish(issued(2))
        return { session: 'amazon', generation: 2, revision: 0, outcome: 'renewed' }
      },
    })
    const given = Promise.withResolvers<void>()
    const patient = followed.signedOut()
    await t.rejects(followed.signedOut({ signal: AbortSignal.abort(new Error('enough')) }), {
      message: 'enough',
    })
    const stop = new AbortController()
    const impatient = followed.signedOut({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await t.rejects(impatient, { message: 'enough' })
    given.resolve()
    t.match(await patient, { outcome: 'renewed', state: { generation: 2 } })
    t.equal(broker.refreshes.length, 1)
  })
})

t.test('what is closed follows no more', async (t) => {
  const { broker, followed, states } = await start(t)
  await followed.close()
  broker.publish(issued(2))
  await t.rejects(followed.signedOut(), { message: 'the session is no longer followed' })
  t.same(states, [1])
  await until(() => broker.streams() === 0)
})
