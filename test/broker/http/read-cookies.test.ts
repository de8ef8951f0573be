import { issuedSessionSchema, operationSchema, ProblemError, problemSchema } from '@session-broker/shared'
import t, { type Test } from 'tap'
import {
  bearer,
  buildTestServer,
  canary,
  sampleState,
  type TestServerOptions,
  until,
} from './build-test-server.ts'

const url = '/session/cookies'

async function serve(t: Test, options?: TestServerOptions) {
  const server = await buildTestServer(options)
  t.teardown(server.close)
  const get = (query = '', headers: Record<string, string> = {}, key = 'reader') =>
    server.app.inject({ url: url + query, headers: { ...bearer(key), ...headers } })
  return { ...server, get }
}

t.test('an existing state is answered at once, whole, and as the schema says', async (t) => {
  const { get, publish, mirror } = await serve(t)
  await publish()
  const answer = await get()
  t.equal(answer.statusCode, 200)
  const body = answer.json()
  t.same(issuedSessionSchema.parse(body), body)
  t.match(body, { session: 'shop', generation: 1, revision: 0, ...sampleState })
  t.match(answer.headers, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(answer.rawPayload.length),
    etag: `"${mirror.get('shop').version}"`,
    'session-status': 'live',
    'cache-control': 'no-store',
    vary: 'Authorization',
    'x-content-type-options': 'nosniff',
  })
})

t.test('HEAD gives the headers without the state', async (t) => {
  const { app, publish } = await serve(t)
  await publish()
  const answer = await app.inject({ method: 'HEAD', url, headers: bearer('reader') })
  t.equal(answer.statusCode, 200)
  t.ok(answer.headers.etag)
  t.equal(answer.body, '')
})

t.test('a dead session is still answered, with its status beside it', async (t) => {
  const { get, publish, judge } = await serve(t)
  await publish()
  const etag = String((await get()).headers.etag)
  await judge('signed_out')
  const answer = await get()
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['session-status'], 'dead')
  t.equal(answer.headers.etag, etag, 'the state is the same one')
  await judge('unclear')
  t.equal((await get()).headers['session-status'], 'unknown')
})

t.test('If-None-Match with the present ETag, in any form, is 304', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  const etag = String((await get()).headers.etag)
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`, `"other",W/${etag} , "third"`, '*']) {
    const answer = await get('', { 'if-none-match': header })
    t.equal(answer.statusCode, 304, header)
    t.equal(answer.headers.etag, etag)
    t.equal(answer.headers['session-status'], 'live')
    t.equal(answer.body, '')
  }
  for (const header of ['"other"', etag.slice(1, -1), 'nonsense', '']) {
    t.equal((await get('', { 'if-none-match': header })).statusCode, 200, header)
  }
})

t.test('Prefer: wait holds a 304 back until there is a newer state', async (t) => {
  const { get, publish, judge, clock } = await serve(t)
  await publish()
  const etag = String((await get()).headers.etag)
  let isAnswered = false
  const answer = get('', { 'if-none-match': etag, prefer: 'wait=60' }).finally(() => {
    isAnswered = true
  })
  await until(() => clock.waiting() === 1)
  await judge('signed_out')
  t.equal(isAnswered, false, 'another status is not a newer state')
  await publish()
  t.match(await answer, { statusCode: 200, headers: { 'preference-applied': 'wait=60' } })
  t.equal((await answer).json().generation, 2)
  t.equal(clock.waiting(), 0, 'nothing goes on waiting')
})

t.test('Prefer: wait ends in 304 when its time is over', async (t) => {
  const { get, publish, clock } = await serve(t)
  await publish()
  const etag = String((await get()).headers.etag)
  const answer = get('', { 'if-none-match': etag, prefer: 'respond-async, wait=999; x=1' })
  await until(() => clock.waiting() === 1)
  clock.advance(59_999)
  await until(() => clock.waiting() === 1)
  clock.advance(1)
  t.match(await answer, { statusCode: 304, headers: { 'preference-applied': 'wait=60', etag } })
})

t.test('a stopping broker ends the waits and still answers', async (t) => {
  const { get, publish, clock, stopping } = await serve(t)
  await publish()
  const etag = String((await get()).headers.etag)
  const waiting = get('', { 'if-none-match': etag, prefer: 'wait=60' })
  await until(() => clock.waiting() === 1)
  stopping.abort()
  t.equal((await waiting).statusCode, 304)
  t.equal((await get('', { 'if-none-match': etag, prefer: 'wait=60' })).statusCode, 304)
  t.equal((await get()).statusCode, 200)
})

t.test('a preference that cannot be read is ignored', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  const etag = String((await get()).headers.etag)
  for (const prefer of ['wait=soon', 'wait', 'awaited=5', 'wait=0']) {
    t.equal((await get('', { 'if-none-match': etag, prefer })).statusCode, 304, prefer)
  }
})

t.test('format=storage-state is Playwright’s file', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  const answer = await get('?format=storage-state')
  t.same(answer.json(), { cookies: sampleState.cookies, origins: sampleState.origins })
  t.equal(
    (await get('?format=storage-state', { 'if-none-match': String(answer.headers.etag) })).statusCode,
    304,
  )
})

t.test('format=netscape is a cookies.txt', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  const answer = await get('?format=netscape')
  t.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
  t.match(answer.body, /^# Netscape HTTP Cookie File\n/)
  t.match(answer.body, `#HttpOnly_shop.example\tFALSE\t/\tTRUE\t0\tsid\t${canary}-sid\n`)
  t.ok(answer.headers.etag)
})

t.test('format=header is what a browser would send to the url, without an ETag', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  const answer = await get(`?format=header&url=${encodeURIComponent('https://shop.example/cart')}`)
  t.equal(answer.statusCode, 200)
  t.equal(answer.body, `cart=${canary}-cart; sid=${canary}-sid`)
  t.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
  t.notOk(answer.headers.etag)
  t.match(answer.headers, { 'session-status': 'live', 'cache-control': 'no-store', vary: 'Authorization' })
  t.equal((await get('?format=header&url=http://elsewhere.example/')).body, '')
})

t.test('a query that is not as it has to be names its field', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  for (const [query, field] of [
    ['?session=No%20Such', 'querystring.session'],
    ['?session=shop&session=shop', 'querystring.session'],
    ['?format=xml', 'querystring.format'],
    ['?format=header', 'querystring.url'],
    ['?url=https://shop.example/', 'querystring.url'],
    ['?format=header&url=javascript:alert(1)', 'querystring.url'],
    ['?sesion=shop', 'sesion'],
  ] as const) {
    const answer = await get(query)
    t.match(problemSchema.parse(answer.json()), { code: 'request_invalid', status: 400 }, query)
    t.match(answer.json().detail, field)
  }
})

t.test('without a name the only visible session is meant, or default', async (t) => {
  const { get, publish } = await serve(t, { sessions: ['shop', 'portal'] })
  await publish('shop')
  await publish('portal')
  const answer = await get()
  t.match(answer.json(), { code: 'session_ambiguous', status: 400 })
  t.match(answer.json().detail, /shop, portal/)
  const narrow = await get('', {}, 'shop-only')
  t.equal(narrow.json().session, 'shop', 'a key that sees one session needs no name')
  const other = await serve(t, { sessions: ['default', 'portal'] })
  await other.publish('default')
  t.equal((await other.get()).json().session, 'default')
})

t.test('a session that the key may not see is answered like one that does not exist', async (t) => {
  const { get, publish } = await serve(t, { sessions: ['shop', 'aaaa'] })
  await publish('aaaa')
  const hidden = await get('?session=aaaa', {}, 'shop-only')
  const missing = await get('?session=bbbb', {}, 'shop-only')
  t.equal(hidden.statusCode, 404)
  t.match(hidden.json(), { code: 'session_unknown' })
  t.equal(hidden.body.replaceAll('aaaa', 'bbbb'), missing.body)
  const withoutDate = ({ date, ...rest }: Record<string, unknown>) => ({ ...rest, date: typeof date })
  t.same(withoutDate(hidden.headers), withoutDate(missing.headers))
})

t.test('a session without a state', async (t) => {
  t.test('is absent to a key that may only read', async (t) => {
    const { get } = await serve(t)
    const answer = await get()
    t.equal(answer.statusCode, 404)
    t.match(answer.json(), { code: 'session_absent' })
  })

  t.test('is logged in first for a key that may refresh', async (t) => {
    const orders: unknown[] = []
    const server = await serve(t, {
      refresher: {
        inFlight: () => [],
        refresh: async (order) => {
          orders.push(order)
          const result = server.publish().then(() => ({
            session: 'shop',
            generation: 1,
            revision: 0,
            outcome: 'renewed' as const,
          }))
          return { operationId: 'shop.1', result }
        },
      },
    })
    const answer = await server.get('', {}, 'refresher')
    t.equal(answer.statusCode, 200)
    t.equal(answer.json().generation, 1)
    t.ok(answer.headers.etag)
    t.same(orders, [{ session: 'shop' }])
  })

  t.test('gets the login’s own problem when that fails', async (t) => {
    const { get } = await serve(t, {
      refresher: {
        inFlight: () => [],
        refresh: async () => ({
          operationId: 'shop.1',
          result: Promise.reject(new ProblemError('login_bad_credentials', 'the site said no')),
        }),
      },
    })
    const answer = await get('', {}, 'refresher')
    t.equal(answer.statusCode, 409)
    t.match(answer.json(), { code: 'login_bad_credentials', detail: 'the site said no' })
  })

  t.test('is 202 with a place to look at when the login outlasts the wait', async (t) => {
    const { get, clock, store, mirror } = await serve(t, {
      refresher: {
        inFlight: () => [],
        refresh: async () => ({ operationId: 'shop.1', result: new Promise(() => undefined) }),
      },
    })
    const startedAt = new Date(clock.now()).toISOString()
    const operation = { id: 'shop.1', session: 'shop', status: 'running', startedAt } as const
    const record = { operation, endsByMs: clock.now() + 150_000 }
    await store.saveOperation(mirror.get('shop').definition, record, 3_600_000)
    const waiting = get('', { prefer: 'wait=5' }, 'refresher')
    await until(() => clock.waiting() === 1)
    clock.advance(5_000)
    const answer = await waiting
    t.equal(answer.statusCode, 202)
    t.equal(answer.headers.location, '/operations/shop.1')
    t.equal(answer.headers['preference-applied'], 'wait=5')
    t.same(operationSchema.parse(answer.json()), operation)
  })
})

t.test('the answer is made once for each version', async (t) => {
  const { get, publish, judge } = await serve(t)
  await publish()
  const first = await get()
  await judge('signed_in')
  t.equal((await get()).body, first.body)
  await publish('shop', { ...sampleState, cookies: [] })
  const next = await get()
  t.same(next.json().cookies, [])
  t.not(next.headers.etag, first.headers.etag)
})

t.test('while the store does not answer, a state says how old it is, and not for ever', async (t) => {
  let awayForMs: number | undefined
  const { get, publish } = await serve(t, { awayForMs: () => awayForMs })
  await publish()
  const fresh = await get()
  t.equal(fresh.headers['session-stale-seconds'], undefined)
  const forms = ['', '?format=storage-state', '?format=netscape', '?format=header&url=https://shop.example/']
  awayForMs = 36_500
  for (const form of forms) {
    const stale = await get(form)
    t.equal(stale.statusCode, 200, form)
    t.equal(stale.headers['session-stale-seconds'], '37', form)
  }
  const notModified = await get('', { 'if-none-match': String(fresh.headers.etag) })
  t.match(notModified, { statusCode: 304, headers: { 'session-stale-seconds': '37' } })
  awayForMs = 61 * 60_000
  for (const form of forms) {
    const tooOld = await get(form)
    t.equal(tooOld.statusCode, 503, form)
    t.match(tooOld.json(), { code: 'store_unavailable', detail: /61 min/ }, form)
  }
  awayForMs = undefined
  t.equal((await get()).statusCode, 200)
})
