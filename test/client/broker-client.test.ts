import { BrokerUnreachableError, createBrokerClient, UnexpectedAnswerError } from '@session-broker/client'
import { ProblemError, toProblem, type UserAgentMetadata } from '@session-broker/shared'
import t from 'tap'
import { issued, json, problem, type Script, startScriptedBroker, until } from './scripted-broker.ts'

const key = 'sb_not-to-be-seen-anywhere'

async function start(t: Tap, scripts: Script[], timing = {}) {
  const brokers = await Promise.all(scripts.map(startScriptedBroker))
  const client = createBrokerClient({
    url: brokers.map(({ url }) => url),
    key,
    random: () => 0,
    timing: { operationEveryMs: 10, ...timing },
  })
  t.teardown(async () => {
    await client.close()
    await Promise.all(brokers.map((broker) => broker.close()))
  })
  return { client, brokers, broker: brokers[0] as (typeof brokers)[number] }
}

type Tap = Pick<typeof t, 'teardown'>
const silent: Script = () => {}
const state: Script = (response) =>
  json(response, 200, issued(3), { etag: '"3.0-x"', 'session-status': 'dead' })
const live = { session: 'amazon', generation: 8, revision: 0, outcome: 'renewed' }

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  )
}

t.test('the cookies of a session', async (t) => {
  const { client, broker } = await start(t, [state])
  t.match(await client.cookies({ session: 'amazon' }), {
    kind: 'session',
    session: { generation: 3 },
    etag: '"3.0-x"',
    status: 'dead',
  })
  t.match(broker.seen[0], { method: 'GET', url: '/session/cookies?session=amazon' })
  t.equal(broker.seen[0]?.headers.authorization, `Bearer ${key}`)

  broker.answer((response) => response.writeHead(304).end())
  t.match(await client.cookies({ session: 'amazon', ifNoneMatch: '"3.0-x"', waitSeconds: 7 }), {
    kind: 'unchanged',
  })
  t.match(broker.seen[1]?.headers, { 'if-none-match': '"3.0-x"', prefer: 'wait=7' })
})

t.test('a state is put once, in the place of the one that is named', async (t) => {
  const put: Script = (response) =>
    json(response, 200, { session: 'amazon', generation: 4, revision: 0 }, { etag: '"4.0-y"' })
  const { client, brokers, broker } = await start(t, [put, put])
  const { userAgent, cookies, origins } = issued(3)
  const state = { userAgent, userAgentMetadata, cookies, origins }
  const landedUrl = 'https://shop.example/account'
  const result = await client.putCookies({ session: 'amazon', state, landedUrl, ifMatch: '"3.0-x"' })
  t.same(result, { session: 'amazon', generation: 4, revision: 0, etag: '"4.0-y"' })
  t.match(broker.seen[0], { method: 'PUT', url: '/session/cookies?session=amazon' })
  t.equal(broker.seen[0]?.headers['if-match'], '"3.0-x"')
  t.same(JSON.parse(broker.seen[0]?.body ?? ''), { ...state, landedUrl })
  await client.putCookies({ session: 'amazon', state })
  t.equal(broker.seen[1]?.headers['if-none-match'], '*')
  t.equal(broker.seen[1]?.headers['if-match'], undefined)

  broker.answer((response) => problem(response, 'overloaded'))
  t.match(await client.putCookies({ session: 'amazon', state }), { generation: 4 }, 'the other one does it')
  for (const each of brokers) each.answer((response) => problem(response, 'shutting_down'))
  t.match(await failure(client.putCookies({ session: 'amazon', state })), { code: 'shutting_down' })
  for (const each of brokers) each.answer((response) => response.destroy())
  const before = brokers.flatMap(({ seen }) => seen).length
  const error = await failure(client.putCookies({ session: 'amazon', state }))
  t.type(error, BrokerUnreachableError)
  const asked = brokers.flatMap(({ seen }) => seen).length - before
  t.equal(asked, 1, 'it may have been published: nobody else is asked')
  for (const each of brokers) each.answer((response) => problem(response, 'precondition_failed'))
  t.match(await failure(client.putCookies({ session: 'amazon', state })), { code: 'precondition_failed' })
})

t.test('what a Chrome has made of a state is written back in its place', async (t) => {
  const put: Script = (response) =>
    json(response, 200, { session: 'amazon', generation: 3, revision: 1 }, { etag: '"3.1-y"' })
  const { client, brokers, broker } = await start(t, [put, put])
  const { cookies } = issued(3)
  const order = { session: 'amazon', cookies, ifMatch: '"3.0-x"' }
  t.same(await client.writeBack(order), { session: 'amazon', generation: 3, revision: 1, etag: '"3.1-y"' })
  t.match(broker.seen[0], { method: 'PUT', url: '/session/cookies?session=amazon' })
  t.equal(broker.seen[0]?.headers['if-match'], '"3.0-x"')
  t.same(JSON.parse(broker.seen[0]?.body ?? ''), { as: 'revision', cookies })
  broker.answer((response) => response.destroy())
  t.match(await client.writeBack(order), { revision: 1 }, 'another is asked: of two that arrive one counts')
  for (const each of brokers) each.answer((response) => problem(response, 'precondition_failed'))
  t.match(await failure(client.writeBack(order)), { code: 'precondition_failed' })
})

t.test('who writes back is the broker’s to say', async (t) => {
  const lease = { session: 'amazon', worker: 'w1', isYou: true, expiresAt: '2026-01-01T00:00:30.000Z' }
  const { client, broker } = await start(t, [(response) => json(response, 200, lease)])
  t.same(await client.electWriter({ session: 'amazon', worker: 'w1' }), lease)
  t.match(broker.seen[0], { method: 'POST', url: '/session/writer?session=amazon' })
  t.same(JSON.parse(broker.seen[0]?.body ?? ''), { worker: 'w1' })
  const nobody = { session: 'amazon', worker: null, isYou: false, expiresAt: null }
  broker.answer((response) => json(response, 200, nobody))
  t.same(await client.electWriter({ session: 'amazon', worker: 'w1', release: true }), nobody)
  t.same(JSON.parse(broker.seen[1]?.body ?? ''), { worker: 'w1', release: true })
})

t.test('where the broker has to log in first, the login is waited for', async (t) => {
  let asked = 0
  const { client } = await start(t, [
    (response, { url }) => {
      if (url === '/operations/amazon.1')
        return json(response, 200, operation({ status: 'succeeded', result: live }))
      asked += 1
      return asked === 1
        ? json(response, 202, {}, { location: '/operations/amazon.1' })
        : state(response, never)
    },
  ])
  t.match(await client.cookies({ session: 'amazon' }), { kind: 'session', session: { generation: 3 } })
})

const userAgentMetadata: UserAgentMetadata = {
  brands: [{ brand: 'Chromium', version: '156' }],
  fullVersionList: [{ brand: 'Chromium', version: '156.0.1.2' }],
  ...{ platform: 'Linux', platformVersion: '', architecture: 'x86', bitness: '64' },
  ...{ model: '', mobile: false, wow64: false },
}
const never = { method: '', url: '', headers: {}, body: '' }
const operation = (end: object) => ({
  id: 'amazon.1',
  session: 'amazon',
  startedAt: new Date(0).toISOString(),
  ...end,
})

t.test('a refresh', async (t) => {
  await t.test('answers with its outcome', async (t) => {
    const { client, broker } = await start(t, [(response) => json(response, 200, live)])
    t.same(await client.refresh({ session: 'amazon', generation: 7, reason: 'signed out' }), live)
    t.same(JSON.parse(broker.seen[0]?.body ?? ''), { generation: 7, reason: 'signed out' })
    t.equal(broker.seen[0]?.headers.prefer, 'wait=25')
  })

  await t.test('that takes longer is followed to its end', async (t) => {
    let looks = 0
    const { client, broker } = await start(t, [
      (response, { method }) => {
        if (method === 'POST') return json(response, 202, {}, { location: '/operations/amazon.1' })
        looks += 1
        if (looks < 3) return json(response, 200, operation({ status: 'running' }))
        return json(response, 200, operation({ status: 'succeeded', result: live }))
      },
    ])
    t.same(await client.refresh({ session: 'amazon' }), live)
    t.equal(looks, 3)
    t.same(JSON.parse(broker.seen[0]?.body ?? ''), {})
  })

  await t.test('that fails at the site fails with the login’s own problem', async (t) => {
    const why = {
      ...{ type: '', title: '', status: 503, code: 'login_site_down' },
      ...{ detail: 'the site is down', retryAfterSeconds: 40 },
    }
    const { client } = await start(t, [
      (response, { method }) =>
        method === 'POST'
          ? json(response, 202, {}, { location: '/operations/amazon.1' })
          : json(response, 200, operation({ status: 'failed', problem: why })),
    ])
    const error = await failure(client.refresh({ session: 'amazon' }))
    t.match(error, { name: 'ProblemError', code: 'login_site_down', message: 'the site is down' })
    t.match(error, { retryAfterSeconds: 40 }, 'with when to come back')
  })

  await t.test('that never ends is given up', async (t) => {
    const { client } = await start(
      t,
      [
        (response, { method }) =>
          method === 'POST'
            ? json(response, 202, {}, { location: '/operations/amazon.1' })
            : json(response, 200, operation({ status: 'running' })),
      ],
      { operationWithinMs: 100 },
    )
    t.match(await failure(client.refresh({ session: 'amazon' })), { code: 'operation_lost' })
  })

  await t.test('is followed at the broker, wherever the answer points', async (t) => {
    const other = await startScriptedBroker(silent)
    t.teardown(other.close)
    const { client } = await start(t, [
      (response, { method }) =>
        method === 'POST'
          ? json(response, 202, {}, { location: `${other.url}/operations/amazon.1` })
          : json(response, 200, operation({ status: 'succeeded', result: live })),
    ])
    t.same(await client.refresh({ session: 'amazon' }), live)
    t.same(other.seen, [], 'the key went nowhere else')
  })
})

t.test('of several replicas', async (t) => {
  const dead: Script = (response) => response.destroy()

  await t.test('one that cannot be reached is left for the next, by all later calls too', async (t) => {
    const { client, brokers } = await start(t, [dead, state])
    await client.cookies({ session: 'amazon' })
    await client.cookies({ session: 'amazon' })
    t.same(
      brokers.map(({ seen }) => seen.length),
      [1, 2],
    )
  })

  for (const code of ['shutting_down', 'store_unavailable', 'overloaded'] as const) {
    await t.test(`one that answers ${code} is left for the next`, async (t) => {
      const { client, brokers } = await start(t, [(response) => problem(response, code), state])
      await client.cookies({ session: 'amazon' })
      t.same(
        brokers.map(({ seen }) => seen.length),
        [1, 1],
      )
    })
  }

  await t.test('one that answers with a proxy’s error page is left for the next', async (t) => {
    const { client } = await start(t, [
      (response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'),
      state,
    ])
    t.match(await client.cookies({ session: 'amazon' }), { kind: 'session' })
  })

  await t.test('one that hangs is left for the next', async (t) => {
    const { client } = await start(t, [silent, state], { answerWithinMs: 1_000 })
    t.match(await client.cookies({ session: 'amazon' }), { kind: 'session' })
  })

  await t.test('a refusal is an answer and is not tried elsewhere', async (t) => {
    const refusal = new ProblemError('login_backing_off', 'not yet', { retryAfterSeconds: 90 })
    const { client, brokers } = await start(t, [(response) => json(response, 503, toProblem(refusal)), state])
    t.match(await failure(client.cookies({ session: 'amazon' })), {
      code: 'login_backing_off',
      retryAfterSeconds: 90,
    })
    t.same(
      brokers.map(({ seen }) => seen.length),
      [1, 0],
    )
  })

  await t.test('when all fail, the failure is told, after one try each', async (t) => {
    const { client, brokers } = await start(t, [dead, dead, dead])
    t.type(await failure(client.summary('amazon')), BrokerUnreachableError)
    t.same(
      brokers.map(({ seen }) => seen.length),
      [1, 1, 1],
    )
  })
})

t.test('one address is tried once more, for a connection that was closed under way', async (t) => {
  let calls = 0
  const { client } = await start(t, [
    (response) => {
      calls += 1
      if (calls === 1) response.destroy()
      else state(response, never)
    },
  ])
  t.match(await client.cookies({ session: 'amazon' }), { kind: 'session' })
})

t.test('failures say what is wrong, in one sentence, without the key', async (t) => {
  const shows = (error: Error) =>
    `${error.message} ${JSON.stringify(error)} ${error.stack} ${String(error.cause)}`

  await t.test('nothing listens', async (t) => {
    const closed = await startScriptedBroker(silent)
    await closed.close()
    const client = createBrokerClient({ url: closed.url, key })
    const error = await failure(client.sessions())
    t.equal(error.message, `the broker at ${closed.url} cannot be reached: nothing listens there`)
    t.notMatch(shows(error), key)
  })

  await t.test('the broker does not know the key', async (t) => {
    const { client } = await start(t, [
      (response) => problem(response, 'key_unknown', 'this key is not known here'),
    ])
    const error = await failure(client.cookies({ session: 'amazon' }))
    t.type(error, ProblemError)
    t.match(error, { code: 'key_unknown', message: 'this key is not known here' })
    t.notMatch(shows(error), key)
  })

  await t.test('something else listens there', async (t) => {
    const { client, broker } = await start(t, [(response) => response.writeHead(404).end('nope')])
    const error = await failure(client.sessions())
    t.type(error, UnexpectedAnswerError)
    t.match(error.message, `${broker.url} answered 404`)
    broker.answer((response) => json(response, 200, { hello: 'world' }))
    t.type(await failure(client.cookies({ session: 'amazon' })), UnexpectedAnswerError)
  })

  await t.test('a redirect is not followed: the key would go along', async (t) => {
    const other = await startScriptedBroker(state)
    t.teardown(other.close)
    const { client } = await start(t, [(response) => response.writeHead(307, { location: other.url }).end()])
    t.type(await failure(client.cookies({ session: 'amazon' })), UnexpectedAnswerError)
    t.same(other.seen, [])
  })
})

t.test('a call ends with its signal', async (t) => {
  const { client, broker } = await start(t, [silent])
  const stop = new AbortController()
  const call = failure(client.refresh({ session: 'amazon', signal: stop.signal }))
  await until(() => broker.seen.length === 1)
  stop.abort(new Error('enough'))
  t.equal((await call).message, 'enough')
  t.equal(broker.seen.length, 1, 'and is not asked again')
})

t.test('an answer that comes in pieces is put together by its bytes', async (t) => {
  const body = Buffer.from(JSON.stringify(issued(1, { userAgent: 'žluťoučký kůň' })))
  const middle = body.indexOf('ž') + 1
  const { client } = await start(t, [
    async (response) => {
      response.writeHead(200, { 'content-type': 'application/json', etag: '"1.0"' })
      await new Promise((written) => response.write(body.subarray(0, middle), written))
      await new Promise((gone) => setTimeout(gone, 50))
      response.end(body.subarray(middle))
    },
  ])
  t.match(await client.cookies({ session: 'amazon' }), { session: { userAgent: 'žluťoučký kůň' } })
})

t.test('a report is posted under the worker’s id', async (t) => {
  const { client, broker } = await start(t, [(response) => response.writeHead(204).end()])
  const report = {
    session: 'amazon',
    generation: 1,
    revision: 0,
    outcome: 'applied',
    chrome: 'Chrome/156',
  } as const
  await client.report('server-1', report)
  t.match(broker.seen[0], { method: 'POST', url: '/workers/server-1/report' })
  t.same(JSON.parse(broker.seen[0]?.body ?? ''), report)
})

t.test('a report that tells how long ago something was is made anew for each replica', async (t) => {
  const { client, brokers } = await start(t, [
    (response) => problem(response, 'store_unavailable'),
    (response) => response.writeHead(204).end(),
  ])
  let appliedAgoMs = 10
  await client.report('server-1', () => ({
    ...{ session: 'amazon', generation: 1, revision: 0, outcome: 'applied', chrome: 'Chrome/156' },
    appliedAgoMs: appliedAgoMs++,
  }))
  const told = brokers.map(({ seen }) => JSON.parse(seen[0]?.body ?? '{}').appliedAgoMs)
  t.same(told, [10, 11])
})

t.test('what cannot be a broker’s address or a key is refused at once, without showing it', async (t) => {
  for (const url of ['', 'broker:8787', 'ftp://broker', 'http://user:secret@broker']) {
    t.throws(() => createBrokerClient({ url, key }), { name: 'TypeError', message: /^a broker URL/ }, url)
  }
  t.throws(() => createBrokerClient({ url: [], key }), { message: 'a broker URL is needed' })
  t.throws(() => createBrokerClient({ url: 'http://broker', key: 'sb_a\nb' }), { message: /^the key/ })
})

t.test('a broker behind a path is asked there', async (t) => {
  const broker = await startScriptedBroker(state)
  const client = createBrokerClient({ url: `${broker.url}/broker`, key })
  t.teardown(async () => {
    await client.close()
    await broker.close()
  })
  await client.cookies({ session: 'amazon' })
  t.equal(broker.seen[0]?.url, '/broker/session/cookies?session=amazon')
})
