import { readFile } from 'node:fs/promises'
import { sessionListSchema, sessionSummarySchema, workerListSchema } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { openApiYaml } from '../../../apps/broker/src/http/openapi/open-api-yaml.ts'
import { bearer, buildTestServer, type TestServerOptions, until } from './build-test-server.ts'

async function serve(t: Test, options?: TestServerOptions) {
  const server = await buildTestServer(options)
  t.teardown(server.close)
  const get = (url: string, headers: Record<string, string> = {}) => server.app.inject({ url, headers })
  return { ...server, get }
}

t.test('liveness never touches the store, readiness does', async (t) => {
  let pings = 0
  let isDown = false
  const { get } = await serve(t, {
    store: {
      ping: async () => {
        pings++
        if (isDown) throw new Error('down')
      },
    },
  })
  t.same((await get('/livez')).json(), { status: 'alive' })
  t.equal(pings, 0)
  t.same((await get('/readyz')).json(), { status: 'ready' })
  t.equal(pings, 1)
  isDown = true
  const answer = await get('/readyz')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { code: 'store_unavailable' })
  t.ok(answer.headers['retry-after'])
  t.equal((await get('/livez')).statusCode, 200)
})

t.test('readiness waits two seconds for the store, and asks it once at a time', async (t) => {
  let pings = 0
  const { get, clock } = await serve(t, {
    store: {
      ping: () => {
        pings++
        return new Promise(() => undefined)
      },
    },
  })
  const answers = [get('/readyz'), get('/readyz'), get('/readyz')]
  await until(() => clock.waiting() === 1)
  clock.advance(2_000)
  for (const answer of await Promise.all(answers)) t.equal(answer.statusCode, 503)
  t.equal(pings, 1)
})

t.test('a stopping broker is alive and not ready', async (t) => {
  const { get, stopping } = await serve(t)
  stopping.abort()
  t.equal((await get('/livez')).statusCode, 200)
  t.match((await get('/readyz')).json(), { code: 'shutting_down', status: 503 })
})

t.test('a session and the list of them, as the schemas say', async (t) => {
  const { get, publish } = await serve(t, { sessions: ['shop', 'portal'] })
  await publish('shop')
  const shop = (await get('/session?session=shop', bearer('reader'))).json()
  t.same(sessionSummarySchema.parse(shop), shop)
  t.match(shop, { session: 'shop', status: 'live', generation: 1, login: { phase: 'idle' } })
  const portal = (await get('/session?session=portal', bearer('reader'))).json()
  t.match(portal, { session: 'portal', status: 'absent', generation: 0, obtainedAt: null })
  const all = (await get('/sessions', bearer('reader'))).json()
  t.same(sessionListSchema.parse(all), { sessions: [shop, portal] })
  t.same((await get('/sessions', bearer('shop-only'))).json(), { sessions: [shop] })
})

t.test('what workers report is shown to those who see the session', async (t) => {
  const { app, get, clock } = await serve(t, { sessions: ['shop', 'portal'] })
  const report = { generation: 3, revision: 0, outcome: 'applied', chrome: 'Chrome/156.0', applyMs: 41.5 }
  const post = (id: string, body: object, key = 'reader') =>
    app.inject({ method: 'POST', url: `/workers/${id}/report`, headers: bearer(key), body })
  t.equal((await post('w1', { ...report, session: 'shop' })).statusCode, 204)
  t.equal((await post('w2', { ...report, session: 'portal' })).statusCode, 204)
  const reportedAt = new Date(clock.now()).toISOString()
  const w1 = { ...report, session: 'shop', id: 'w1', reportedAt }
  const list = (await get('/workers', bearer('reader'))).json()
  t.same(workerListSchema.parse(list), { workers: [w1, { ...w1, session: 'portal', id: 'w2' }] })
  t.same((await get('/workers', bearer('shop-only'))).json(), { workers: [w1] })
  t.match((await post('w1', { ...report, session: 'portal' }, 'shop-only')).json(), {
    code: 'session_unknown',
  })
  t.match((await post('w1', { ...report })).json(), { code: 'request_invalid', detail: /body\.session/ })
  t.match((await post('-w', { ...report, session: 'shop' })).json(), { detail: /params\.id/ })
})

t.test('how long a state took from its publication to a Chrome', async (t) => {
  const { app, get, publish, clock, lines } = await serve(t, { sessions: ['shop', 'portal'] })
  const report = { session: 'shop', revision: 0, outcome: 'applied', chrome: 'Chrome/156.0' }
  const post = async (id: string, body: object) => {
    const { statusCode } = await app.inject({
      ...{ method: 'POST', url: `/workers/${id}/report`, headers: bearer('reader') },
      body: { ...report, ...body },
    })
    t.equal(statusCode, 204)
  }
  const workers = async () => (await get('/workers', bearer('reader'))).json().workers
  const counted = async () => {
    const { body } = await get('/metrics', bearer('reader'))
    const [, count = '0'] = /commit_to_applied_seconds_count{session="shop"} (\d+)/.exec(body) ?? []
    const [, sum = '0'] = /commit_to_applied_seconds_sum{session="shop"} ([\d.]+)/.exec(body) ?? []
    return [Number(count), Number(sum)]
  }
  await publish()
  clock.advance(1_000)
  await publish()
  clock.advance(500)
  const told = { generation: 2, cause: 'published', appliedAgoMs: 100 }
  await post('w1', told)
  const [w1] = await workers()
  const appliedAt = new Date(clock.now() - 100).toISOString()
  t.match(w1, { id: 'w1', cause: 'published', commitToAppliedMs: 400, appliedAt })
  t.notOk('appliedAgoMs' in w1)
  t.same(await counted(), [1, 0.4])

  clock.advance(200)
  await post('w1', { ...told, appliedAgoMs: 300, seen: 'signed_in' })
  t.match(await workers(), [{ commitToAppliedMs: 400, appliedAt, seen: 'signed_in' }])
  t.same(await counted(), [1, 0.4], 'told once more, it counts once')

  await post('w2', { generation: 2, cause: 'attached', appliedAgoMs: 5 })
  await post('w3', { generation: 2, cause: 'again', appliedAgoMs: 5 })
  await post('w4', { generation: 2, outcome: 'refused' })
  t.same(await counted(), [1, 0.4], 'only what was published to a worker')
  t.notOk('commitToAppliedMs' in (await workers())[1])

  clock.advance(3_600_000)
  await post('w5', { generation: 2, cause: 'published', appliedAgoMs: 3_600_500 })
  t.match((await workers())[4], { commitToAppliedMs: 200 }, 'told an hour late, with the true time')
  await post('w6', { generation: 2, cause: 'published', appliedAgoMs: 9_999_999 })
  t.match((await workers())[5], { commitToAppliedMs: 0 }, 'never below nothing')
  await post('w7', { generation: 1, cause: 'published', appliedAgoMs: 3_601_000 })
  t.match((await workers())[6], { commitToAppliedMs: 700 }, 'an earlier one')
  t.same(await counted(), [4, 1.3])

  t.same(
    lines.filter(({ level }) => level === 'error'),
    [],
  )
  t.notMatch((await get('/metrics')).body, /commit_to_applied|session_broker_workers/, 'names want a key')
  const { body } = await get('/metrics', bearer('reader'))
  t.match(body, 'session_broker_workers{session="shop",outcome="applied"} 6\n')
  t.match(body, 'session_broker_workers{session="shop",outcome="refused"} 1\n')
})

t.test('metrics count by route and status, and name sessions only to a key', async (t) => {
  const { get, publish, clock } = await serve(t, { sessions: ['shop', 'portal'] })
  await publish('shop')
  clock.advance(5_000)
  await get('/session/cookies?session=shop', bearer('reader'))
  await get('/session/cookies?session=shop', { ...bearer('reader'), 'if-none-match': '*' })
  await get('/session/cookies?session=shop')
  await get('/no/such/route')
  const open = await get('/metrics')
  t.equal(open.statusCode, 200)
  t.match(open.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  const count = (route: string, status: number) =>
    `session_broker_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"} 1\n`
  for (const [route, status] of [
    ['/session/cookies', 200],
    ['/session/cookies', 304],
    ['/session/cookies', 401],
    ['unknown', 404],
  ] as const) {
    t.match(open.body, count(route, status))
  }
  t.match(open.body, 'session_broker_refreshes_in_flight 0\n')
  t.notMatch(open.body, 'portal')
  t.notMatch(open.body, 'shop')
  const shown = await get('/metrics', bearer('reader'))
  t.match(shown.body, 'session_broker_session_generation{session="shop"} 1\n')
  t.match(shown.body, 'session_broker_session_age_seconds{session="shop"} 5\n')
  t.match(shown.body, 'session_broker_session_status{session="portal",status="absent"} 1\n')
  t.notMatch((await get('/metrics', bearer('shop-only'))).body, 'portal')
  t.equal((await get('/metrics', { authorization: 'Bearer sb_wrong' })).statusCode, 401)
  t.equal((await get('/metrics', bearer('nothing'))).statusCode, 403)
})

t.test('reading leaves no line in the log', async (t) => {
  const { get, publish, lines } = await serve(t)
  await publish()
  await get('/session/cookies', bearer('reader'))
  await get('/livez')
  await get('/metrics')
  t.same(lines, [])
  await get('/session', bearer('reader'))
  t.match(lines, [{ message: 'answered', method: 'GET', route: '/session', status: 200, key: 'reader' }])
})

t.test('openapi.yaml is the description of this code', async (t) => {
  const yaml = await openApiYaml()
  const file = new URL('../../../openapi.yaml', import.meta.url)
  t.equal(await readFile(file, 'utf8'), yaml, 'npm run broker -- openapi --write brings it up to date')
  const api = parse(yaml)
  const operations = Object.entries<Record<string, Operation>>(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  )
  t.same(operations.map(({ method, path }) => `${method} ${path}`).sort(), [
    'delete /session',
    'get /livez',
    'get /metrics',
    'get /operations/{id}',
    'get /readyz',
    'get /session',
    'get /session/challenge',
    'get /session/cookies',
    'get /session/events',
    'get /sessions',
    'get /workers',
    'post /session/challenge',
    'post /session/refresh',
    'post /session/reset',
    'post /session/writer',
    'post /workers/{id}/report',
    'put /session/cookies',
  ])
  t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  for (const { path, summary, description, security, responses } of operations) {
    t.ok(summary && description && security, path)
    for (const status of ['403', '421', '500']) {
      t.ok(responses[status]?.content?.['application/problem+json'], `${path} ${status}`)
    }
  }
})

interface Operation {
  operationId: string
  summary?: string
  description?: string
  security?: unknown[]
  responses: Record<string, { content?: Record<string, unknown> }>
}

t.test('/openapi.json is the same description', async (t) => {
  const { get } = await serve(t)
  const answer = await get('/openapi.json')
  t.equal(answer.statusCode, 200)
  const { paths } = answer.json()
  t.same(paths, parse(await openApiYaml()).paths)
})
