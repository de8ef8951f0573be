import {
  type Operation,
  operationSchema,
  ProblemError,
  type RefreshResult,
  refreshResultSchema,
} from '@session-broker/shared'
import t, { type Test } from 'tap'
import { request } from 'undici'
import type { RefreshOrder } from '../../../apps/broker/src/session/join-refresh.ts'
import { bearer, buildTestServer, until } from './build-test-server.ts'

const url = '/session/refresh'

/** A server whose refreshes end when and as the test says. */
async function serve(t: Test, sessions?: string[]) {
  const orders: RefreshOrder[] = []
  const flight = Promise.withResolvers<RefreshResult>()
  flight.promise.catch(() => undefined)
  let refusal: Error | undefined
  const server = await buildTestServer({
    ...(sessions && { sessions }),
    refresher: {
      inFlight: () => [flight.promise],
      refresh: async (order) => {
        orders.push(order)
        if (refusal) throw refusal
        return { operationId: `${order.session}.op-1`, result: flight.promise }
      },
    },
  })
  t.teardown(server.close)
  const post = (
    body: string | object | undefined = undefined,
    { headers = {}, key = 'refresher', query = '' }: { headers?: object; key?: string; query?: string } = {},
  ) =>
    server.app.inject({
      method: 'POST',
      url: url + query,
      headers: { ...bearer(key), ...headers },
      ...(body !== undefined && { body }),
    })
  const saveOperation = async (end: Partial<Operation> = {}) => {
    const { clock, mirror, store } = server
    const startedAt = new Date(clock.now()).toISOString()
    const operation = { id: 'shop.op-1', session: 'shop', status: 'running', startedAt, ...end } as const
    const record = { operation, endsByMs: clock.now() + 150_000 }
    await store.saveOperation(mirror.get('shop').definition, record, 3_600_000)
    return operation
  }
  const refuse = (error: Error) => {
    refusal = error
  }
  return { ...server, post, orders, flight, saveOperation, refuse }
}

const renewed: RefreshResult = { session: 'shop', generation: 8, revision: 0, outcome: 'renewed' }

t.test('the answer is what the refresh came to, never the state', async (t) => {
  const { post, flight, orders } = await serve(t)
  flight.resolve(renewed)
  const answer = await post({ generation: 7, reason: 'signed out' })
  t.equal(answer.statusCode, 200)
  t.same(refreshResultSchema.parse(answer.json()), answer.json())
  t.same(answer.json(), renewed)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(orders, [{ session: 'shop', cause: 'caller', generation: 7 }])
})

t.test('no body, an empty one and {} mean the current generation', async (t) => {
  const { post, flight, orders } = await serve(t)
  flight.resolve(renewed)
  t.equal((await post()).statusCode, 200)
  t.equal((await post({})).statusCode, 200)
  t.equal((await post('', { headers: { 'content-type': 'application/json' } })).statusCode, 200)
  t.same(orders, Array(3).fill({ session: 'shop', cause: 'caller' }))
})

t.test('what runs on is 202 with a place to look at, which later tells its end', async (t) => {
  const { app, post, clock, saveOperation } = await serve(t)
  const operation = await saveOperation()
  const waiting = post({})
  await until(() => clock.waiting() === 1)
  clock.advance(24_999)
  await until(() => clock.waiting() === 1)
  clock.advance(1)
  const answer = await waiting
  t.equal(answer.statusCode, 202, 'after 25 seconds where nothing else is preferred')
  t.equal(answer.headers.location, '/operations/shop.op-1')
  t.same(operationSchema.parse(answer.json()), operation)
  await saveOperation({ status: 'succeeded', result: renewed })
  const later = await app.inject({ url: String(answer.headers.location), headers: bearer('refresher') })
  t.equal(later.statusCode, 200)
  t.match(later.json(), { status: 'succeeded', result: renewed })
  clock.advance(3_600_001)
  const gone = await app.inject({ url: String(answer.headers.location), headers: bearer('refresher') })
  t.match(gone.json(), { code: 'operation_unknown', status: 404 })
})

t.test('Prefer: wait=0 does not wait', async (t) => {
  const { post, saveOperation } = await serve(t)
  await saveOperation()
  const answer = await post({}, { headers: { prefer: 'wait=0' } })
  t.match(answer, { statusCode: 202, headers: { 'preference-applied': 'wait=0' } })
})

t.test('an operation whose broker died is lost once its time is over', async (t) => {
  const { app, clock, saveOperation } = await serve(t)
  await saveOperation()
  clock.advance(150_001)
  const answer = await app.inject({ url: '/operations/shop.op-1', headers: bearer('refresher') })
  t.match(answer.json(), { status: 'failed', problem: { code: 'operation_lost' } })
})

t.test('an operation of a session that the key may not see does not exist', async (t) => {
  const { app, clock, mirror, store } = await serve(t, ['shop', 'aaaa'])
  const startedAt = new Date(clock.now()).toISOString()
  const operation = { id: 'aaaa.op-1', session: 'aaaa', status: 'running', startedAt } as const
  const record = { operation, endsByMs: clock.now() + 150_000 }
  await store.saveOperation(mirror.get('aaaa').definition, record, 3_600_000)
  const seen = await app.inject({ url: '/operations/aaaa.op-1', headers: bearer('refresher') })
  t.equal(seen.statusCode, 200, 'it is there for a key that sees the session')
  const answers = await Promise.all(
    ['aaaa.op-1', 'bbbb.op-1', 'shop.op-9', 'nonsense'].map((id) =>
      app.inject({ url: `/operations/${id}`, headers: bearer('shop-only') }),
    ),
  )
  t.same(new Set(answers.map(({ body }) => body)).size, 1)
  t.match(answers[0]?.json(), { code: 'operation_unknown', status: 404 })
})

t.test('a failure is everybody’s, with its own code and when to come back', async (t) => {
  const { post, flight } = await serve(t)
  flight.reject(new ProblemError('check_unclear', 'the site does not say'))
  const answers = await Promise.all([post(), post({ generation: 1 })])
  for (const answer of answers) {
    t.equal(answer.statusCode, 503)
    t.equal(answer.headers['retry-after'], '30')
    t.match(answer.json(), { code: 'check_unclear', detail: 'the site does not say' })
    t.equal(answer.headers['content-type'], 'application/problem+json')
  }
})

t.test('each problem of a refresh has its status', async (t) => {
  for (const [code, status] of [
    ['generation_ahead', 409],
    ['store_unavailable', 503],
    ['state_unreadable', 500],
    ['login_abandoned', 503],
    ['login_bad_credentials', 409],
    ['login_locked', 409],
    ['login_captcha', 409],
    ['login_challenge_timeout', 504],
    ['login_site_down', 503],
    ['login_timeout_after_submit', 504],
    ['login_not_authenticated', 502],
    ['login_device_bound', 409],
    ['login_misconfigured', 500],
    ['login_unknown', 502],
  ] as const) {
    const { post, refuse } = await serve(t)
    refuse(new ProblemError(code, 'because'))
    const answer = await post()
    t.equal(answer.statusCode, status, code)
    t.equal(answer.json().code, code)
    t.equal(answer.headers['retry-after'] !== undefined, status === 503, 'only 503 says when to come back')
  }
})

t.test('force is for operators', async (t) => {
  const { post, flight, orders, lines } = await serve(t)
  flight.resolve(renewed)
  const refused = await post({ force: true })
  t.equal(refused.statusCode, 403)
  t.match(refused.json(), { code: 'scope_missing', detail: /\boperate\b/ })
  t.match(refused.headers['www-authenticate'], /error="insufficient_scope", scope="operate"/)
  t.same(orders, [])
  t.equal((await post({ force: true, reason: 'why' }, { key: 'operator' })).statusCode, 200)
  t.same(orders, [{ session: 'shop', cause: 'operator' }])
  const audit = lines.filter(({ level }) => level === 'audit')
  t.match(audit, [{ session: 'shop', key: 'operator', reason: 'why', message: 'a login was forced' }])
})

t.test('reading keys may not refresh', async (t) => {
  const { post, orders } = await serve(t)
  t.match((await post({}, { key: 'reader' })).json(), { code: 'scope_missing', detail: /\brefresh\b/ })
  t.same(orders, [])
})

t.test('a body that is not as it has to be', async (t) => {
  const { post, orders } = await serve(t)
  const json = { 'content-type': 'application/json' }
  for (const [body, headers, code] of [
    ['{"generation":', json, 'body_malformed'],
    ['{"__proto__":{"force":true}}', json, 'body_malformed'],
    ['[]', json, 'request_invalid'],
    ['{"generation":"7"}', json, 'request_invalid'],
    ['{"generation":-1}', json, 'request_invalid'],
    ['{"genration":7}', json, 'request_invalid'],
    ['generation=7', { 'content-type': 'application/x-www-form-urlencoded' }, 'media_type_unsupported'],
    ['{"generation":7}', { 'content-type': 'text/plain' }, 'media_type_unsupported'],
    ['{"generation":7}', { 'content-type': '' }, 'media_type_unsupported'],
    [`{"reason":"${'x'.repeat(70_000)}"}`, json, 'body_too_large'],
  ] as const) {
    const answer = await post(body, { headers })
    t.equal(answer.json().code, code, body.slice(0, 40))
    t.equal(answer.statusCode, answer.json().status)
  }
  t.match((await post({ generation: '7' })).json(), { detail: /^body\.generation: / })
  t.same(orders, [])
})

t.test('a stopping broker begins no refresh', async (t) => {
  const { post, stopping, orders } = await serve(t)
  stopping.abort()
  const answer = await post()
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { code: 'shutting_down' })
  t.ok(answer.headers['retry-after'])
  t.same(orders, [])
})

t.test('whoever hangs up ends only the own wait', async (t) => {
  const { app, post, clock, flight } = await serve(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const leaving = new AbortController()
  const left = request(address + url, {
    method: 'POST',
    headers: bearer('refresher'),
    signal: leaving.signal,
  })
  left.catch(() => undefined)
  const staying = post()
  await until(() => clock.waiting() === 2)
  leaving.abort()
  await t.rejects(left)
  await until(() => clock.waiting() === 1)
  flight.resolve(renewed)
  t.same((await staying).json(), renewed)
})

t.test('a refresh is logged with its key and reason, and without its session’s state', async (t) => {
  const { post, flight, lines } = await serve(t)
  flight.resolve(renewed)
  await post({ reason: 'order page asks to sign in' })
  t.match(lines, [
    {
      message: 'a refresh was asked for',
      session: 'shop',
      key: 'refresher',
      reason: 'order page asks to sign in',
    },
    { message: 'answered', method: 'POST', route: url, status: 200, key: 'refresher' },
  ])
})
