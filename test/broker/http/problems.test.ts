import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { problemSchema, toProblem } from '@session-broker/shared'
import t from 'tap'
import { bearer, buildTestServer, canary, type TestServerOptions, until } from './build-test-server.ts'

async function serve(t: { teardown: (f: () => Promise<void>) => void }, options?: TestServerOptions) {
  const server = await buildTestServer(options)
  t.teardown(server.close)
  return server
}

t.test('a path that no route has', async (t) => {
  const { app } = await serve(t)
  for (const url of [
    '/',
    '/session/',
    '/sessions/1',
    '/SESSION',
    '/../etc/passwd',
    '/openapi.yaml',
    '/status',
  ]) {
    const answer = await app.inject({ url })
    t.equal(answer.statusCode, 404, url)
    t.same(
      problemSchema.parse(answer.json()),
      toProblem({ code: 'route_unknown', message: answer.json().detail }),
    )
    t.equal(answer.headers['content-type'], 'application/problem+json')
    t.equal(answer.headers['x-content-type-options'], 'nosniff')
  }
})

t.test('a method that a route does not know, with those that it does', async (t) => {
  const { app } = await serve(t)
  for (const [method, url, allow] of [
    ['POST', '/session/cookies', 'GET, HEAD, PUT'],
    ['GET', '/session/refresh?session=shop', 'POST'],
    ['DELETE', '/operations/shop.1', 'GET, HEAD'],
    ['GET', '/workers/w1/report', 'POST'],
    ['HEAD', '/session/events', 'GET'],
    ['PUT', '/livez', 'GET, HEAD'],
  ] as const) {
    const answer = await app.inject({ method, url })
    t.equal(answer.statusCode, 405, `${method} ${url}`)
    t.equal(answer.headers.allow, allow)
    if (method !== 'HEAD') t.match(answer.json(), { code: 'method_not_allowed' })
  }
})

t.test('a path that cannot be read', async (t) => {
  const { app } = await serve(t)
  for (const url of ['/operations/%zz', `/operations/${'x'.repeat(300)}`]) {
    const answer = await app.inject({ url, headers: bearer('refresher') })
    t.equal(answer.statusCode, 400, url)
    t.match(problemSchema.parse(answer.json()), { code: 'request_invalid' })
  }
})

t.test('what the broker did wrong stands in the log and not in the answer', async (t) => {
  const error = new Error(`secret detail ${canary}`)
  const { app, lines } = await serve(t, {
    refresher: { refresh: () => Promise.reject(error), inFlight: () => [] },
  })
  const answer = await app.inject({ method: 'POST', url: '/session/refresh', headers: bearer('refresher') })
  t.equal(answer.statusCode, 500)
  t.match(answer.json(), { code: 'internal' })
  t.notMatch(answer.body, 'secret detail')
  t.match(lines, [
    { level: 'error', error, method: 'POST', route: '/session/refresh' },
    { message: 'answered' },
  ])
})

t.test('an answer that is not as promised is a mistake of the broker', async (t) => {
  const { app, publish, lines } = await serve(t)
  await publish('shop', { userAgent: 1, cookies: [], origins: [] } as never)
  const answer = await app.inject({ url: '/session/cookies', headers: bearer('reader') })
  t.match(answer.json(), { code: 'internal' })
  t.equal(lines.at(-1)?.level, 'error')
})

/** Sends bytes as they are, and reads until the broker ends the connection. */
async function send(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  socket.write(bytes)
  return text(socket)
}

t.test('what is not HTTP', async (t) => {
  const { app } = await serve(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const answer = await send(address, 'GET / HTTP/1.1\r\nHost: localhost\r\nbroken header\r\n\r\n')
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 400 .*application\/problem\+json/s)
  t.match(problemSchema.parse(JSON.parse(body)), { code: 'request_invalid' })
  const large = await send(
    address,
    `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  )
  t.match(large, /^HTTP\/1\.1 431 /)
})

t.test('a body that is larger than said is refused before it is read', async (t) => {
  const { app } = await serve(t)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const head = `POST /session/refresh HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer('refresher').authorization}\r\nContent-Type: application/json\r\n`
  const said = await send(address, `${head}Content-Length: 1000000000\r\n\r\n{`)
  t.match(said, /^HTTP\/1\.1 413 .*"code":"body_too_large"/s)
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const unsaid = await send(address, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)
  t.match(unsaid, /^HTTP\/1\.1 413 .*"code":"body_too_large"/s)
})

t.test('a request that comes while the server closes is still answered', async (t) => {
  const { app, publish, clock } = await serve(t)
  await publish()
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  const received = text(socket)
  let requests = 0
  app.server.on('request', () => requests++)
  const get = (path: string, extra = '') =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer('reader').authorization}\r\n${extra}\r\n`
  socket.write(get('/session/cookies', 'If-None-Match: *\r\nPrefer: wait=60\r\n'))
  await until(() => clock.waiting() === 1)
  const closed = app.close()
  socket.write(get('/session/cookies?format=netscape'))
  await until(() => requests === 2)
  clock.advance(60_000)
  await closed
  t.match(await received, /^HTTP\/1\.1 304 .*HTTP\/1\.1 200 .*Connection: close.*Netscape/is)
})

t.test('a broker that cannot keep up says so, and stays alive to its supervisor', async (t) => {
  const { app, publish } = await serve(t)
  await publish()
  // Longer than the second in which the delay is measured, so that a whole sample is one delay.
  const block = () => {
    const untilMs = performance.now() + 2_500
    while (performance.now() < untilMs);
  }
  const sampled = new Promise((resolve) => setTimeout(resolve, 1_100))
  setImmediate(block)
  await sampled
  let answer = await app.inject({ url: '/session/cookies', headers: bearer('reader') })
  for (let tries = 0; tries < 40 && answer.statusCode !== 503; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    answer = await app.inject({ url: '/session/cookies', headers: bearer('reader') })
  }
  t.match(answer.json(), { code: 'overloaded', status: 503 })
  t.equal(answer.headers['retry-after'], '10')
  t.equal((await app.inject('/livez')).statusCode, 200)
  t.equal((await app.inject('/metrics')).statusCode, 200)
})
