import t from 'tap'
import { bearer, buildTestServer, keyOf, type TestServerOptions } from './build-test-server.ts'

async function serve(t: { teardown: (f: () => Promise<void>) => void }, options?: TestServerOptions) {
  const server = await buildTestServer(options)
  t.teardown(server.close)
  const get = (url: string, headers: Record<string, string> = {}) => server.app.inject({ url, headers })
  return { ...server, get }
}

const guarded = [
  '/session/cookies',
  '/session',
  '/sessions',
  '/session/events',
  '/operations/shop.1',
  '/workers',
]

t.test('no key, or something that is none, is told how to show one', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  for (const url of guarded) {
    for (const authorization of [undefined, '', 'Basic c2JfeDp5', keyOf('reader'), 'Bearer ', 'Bearer a b']) {
      const answer = await get(url, authorization === undefined ? {} : { authorization })
      t.equal(answer.statusCode, 401, `${url} ${authorization}`)
      t.match(answer.json(), { code: 'key_missing' })
      t.equal(answer.headers['www-authenticate'], 'Bearer realm="session-broker"')
      t.equal(answer.headers['cache-control'], 'no-store')
    }
  }
})

t.test('what changes something asks for a key before it reads a body', async (t) => {
  const { app } = await serve(t)
  for (const [method, url] of [
    ['PUT', '/session/cookies'],
    ['DELETE', '/session'],
    ['POST', '/session/refresh'],
    ['POST', '/session/reset'],
    ['POST', '/session/writer'],
    ['POST', '/workers/w1/report'],
  ] as const) {
    const answer = await app.inject({
      method,
      url,
      ...(method !== 'DELETE' && { body: { not: 'understood' } }),
    })
    t.match([answer.statusCode, answer.json()], [401, { code: 'key_missing' }], `${method} ${url}`)
  }
})

t.test('an unknown key is another answer', async (t) => {
  const { get } = await serve(t)
  const answer = await get('/session', { authorization: `Bearer ${keyOf('reader')}x` })
  t.equal(answer.statusCode, 401)
  t.match(answer.json(), { code: 'key_unknown' })
  t.match(answer.headers['www-authenticate'], /error="invalid_token"/)
})

t.test('the scheme’s case does not matter, the key’s does', async (t) => {
  const { get } = await serve(t)
  t.equal((await get('/session', { authorization: `bearer ${keyOf('reader')}` })).statusCode, 200)
  t.equal((await get('/session', { authorization: `BEARER  ${keyOf('reader')}` })).statusCode, 200)
  t.equal((await get('/session', { authorization: `Bearer ${keyOf('READER')}` })).statusCode, 401)
})

t.test('a missing scope is named', async (t) => {
  const { get } = await serve(t)
  const answer = await get('/session', bearer('nothing'))
  t.equal(answer.statusCode, 403)
  t.match(answer.json(), { code: 'scope_missing', detail: /\bread\b/ })
  t.match((await get('/operations/shop.1', bearer('reader'))).json(), {
    code: 'scope_missing',
    detail: /\brefresh\b/,
  })
})

t.test('wrong keys from one address are limited, right ones never held up by it', async (t) => {
  const { get } = await serve(t)
  const guess = () => get('/session', { authorization: 'Bearer sb_guess' })
  for (let tries = 0; tries < 30; tries++) t.equal((await guess()).statusCode, 401)
  const answer = await guess()
  t.equal(answer.statusCode, 429)
  t.match(answer.json(), { code: 'rate_limited' })
  t.ok(Number(answer.headers['retry-after']) > 0)
  t.equal((await get('/session', bearer('reader'))).statusCode, 200)
})

t.test('without keys everybody may do everything, where the operator says so', async (t) => {
  const { get } = await serve(t, { options: { insecureNoAuth: true, keys: [] } })
  t.equal((await get('/session')).statusCode, 200)
  t.equal((await get('/operations/shop.1')).statusCode, 404)
  t.match((await get('/metrics')).body, 'session="shop"')
})

t.test('the broker answers under its own names alone', async (t) => {
  const { get } = await serve(t, { options: { listenHost: 'Broker.internal' } })
  for (const host of [
    'localhost',
    'localhost:8787',
    'LOCALHOST:1',
    '127.0.0.1:80',
    '10.1.2.3',
    '[::1]:8787',
    'broker.internal:8787',
  ]) {
    t.equal((await get('/livez', { host })).statusCode, 200, host)
  }
  for (const host of [
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example',
    'broker.internal.evil.example',
    'localhost:x',
    'user@localhost',
    '[::1',
  ]) {
    for (const url of ['/livez', '/session', '/docs', '/no/such/route']) {
      const answer = await get(url, { host, ...bearer('reader') })
      t.equal(answer.statusCode, 421, `${host} ${url}`)
      t.match(answer.json(), { code: 'host_not_allowed' })
    }
  }
})

t.test('a list of hosts takes the place of the usual ones', async (t) => {
  const { get } = await serve(t, { options: { allowedHosts: ['Broker.example'] } })
  t.equal((await get('/livez', { host: 'broker.example:443' })).statusCode, 200)
  t.equal((await get('/livez', { host: 'localhost' })).statusCode, 421)
  t.equal((await get('/livez', { host: '127.0.0.1' })).statusCode, 421)
})

t.test('no page of another origin can use the broker', async (t) => {
  const { get, app, publish } = await serve(t)
  await publish()
  const host = '127.0.0.1:8787'
  for (const origin of [
    'https://evil.example',
    'null',
    'http://127.0.0.1:9999',
    'http://localhost:8787',
    'x',
  ]) {
    for (const url of ['/session/cookies', '/livez', '/docs', '/no/such/route']) {
      const answer = await get(url, { host, origin, ...bearer('reader') })
      t.equal(answer.statusCode, 403, `${origin} ${url}`)
      t.match(answer.json(), { code: 'origin_refused' })
    }
  }
  const preflight = await app.inject({
    method: 'OPTIONS',
    url: '/session/refresh',
    headers: { host, origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  t.equal(preflight.statusCode, 403)
  for (const site of ['cross-site', 'same-site']) {
    const answer = await get('/session/cookies', {
      host,
      'sec-fetch-site': site,
      'sec-fetch-mode': 'no-cors',
    })
    t.match(answer.json(), { code: 'origin_refused' }, `an image of a ${site} page`)
    const link = { host, 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' }
    t.match((await get('/session/cookies', link)).json(), { code: 'origin_refused' })
    t.equal((await get('/docs', link)).statusCode, 200, 'a link to the description may be followed')
  }
})

t.test('its own page can, also behind a proxy that ends TLS', async (t) => {
  const { get, publish } = await serve(t)
  await publish()
  const host = '127.0.0.1:8787'
  for (const origin of ['http://127.0.0.1:8787', 'https://127.0.0.1:8787']) {
    const answer = await get('/session/cookies', {
      host,
      origin,
      'sec-fetch-site': 'same-origin',
      ...bearer('reader'),
    })
    t.equal(answer.statusCode, 200)
    for (const name of Object.keys(answer.headers)) t.notMatch(name, /^access-control-/)
  }
  t.equal(
    (await get('/session/cookies', { host, 'sec-fetch-site': 'none', ...bearer('reader') })).statusCode,
    200,
  )
})
