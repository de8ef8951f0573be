import t from 'tap'
import { bearer, buildTestServer, canary, keyOf, sampleState } from './build-test-server.ts'
import { readEvents } from './read-events.ts'

const putting = { url: '/session/cookies', method: 'PUT' as const }

t.test('the state leaves by GET /session/cookies alone, and keys leave by nothing', async (t) => {
  const { app, publish, judge, lines, close } = await buildTestServer()
  t.teardown(close)
  await publish()
  await judge('signed_out')
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const stream = await readEvents(`${address}/session/events`, bearer('reader'))
  const told = JSON.stringify([await stream.next(), await stream.next()])
  stream.close()

  const answers = await Promise.all(
    ['reader', 'operator', 'shop-only', 'writer', 'nothing'].flatMap((key) =>
      [
        { url: '/session' },
        { url: '/sessions' },
        { url: '/workers' },
        { url: '/metrics' },
        { url: '/operations/shop.1' },
        { url: '/openapi.json' },
        { url: '/session/cookies?format=xml' },
        { url: '/session/cookies?session=other' },
        { url: '/session/cookies', headers: { 'if-none-match': '*' } },
        { url: '/session/cookies', headers: { host: 'evil.example' } },
        { url: '/session/cookies', headers: { origin: 'https://evil.example' } },
        { url: '/session/refresh', method: 'POST' as const, body: { generation: 'x' } },
        { url: '/session/refresh', method: 'POST' as const },
        { url: '/session/writer', method: 'POST' as const, body: { worker: 'w1' } },
        ...['"1.0-other"', '*'].flatMap((tag) => [
          { ...putting, headers: { 'if-match': tag }, body: sampleState },
          {
            ...putting,
            headers: { 'if-match': tag },
            body: { as: 'revision', cookies: sampleState.cookies },
          },
          { ...putting, headers: { 'if-none-match': tag }, body: { ...sampleState, extra: canary } },
        ]),
      ].map((request) =>
        app.inject({
          ...request,
          headers: { ...bearer(key), ...('headers' in request ? request.headers : {}) },
        }),
      ),
    ),
  )
  const everything = [told, ...answers.map(({ headers, body }) => JSON.stringify(headers) + body)]
  for (const text of everything) {
    t.notMatch(text, canary)
    t.notMatch(text, 'sb_reader')
    t.notMatch(text, 'sb_operator')
  }
  const logged = lines.map((line) => JSON.stringify({ ...line, error: String(line.error) }))
  t.ok(logged.length > 0)
  for (const line of logged) {
    t.notMatch(line, canary)
    t.notMatch(line, keyOf('reader').slice(0, 9))
  }
  const state = await app.inject({ url: '/session/cookies', headers: bearer('reader') })
  t.match(state.body, canary, 'this is where it belongs')
})
