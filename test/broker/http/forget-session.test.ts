import { forgetResultSchema } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type { LogOutJob } from '../../../apps/broker/src/session/ports/site-log-out.ts'
import { bearer, buildTestServer, canary, sampleState, type TestServerOptions } from './build-test-server.ts'
import { readEvents } from './read-events.ts'

async function serve(t: Test, given: TestServerOptions = {}) {
  const server = await buildTestServer(given)
  t.teardown(server.close)
  const forget = (query = '', key = 'admin') =>
    server.app.inject({ method: 'DELETE', url: `/session?session=shop${query}`, headers: bearer(key) })
  const read = (headers: Record<string, string> = {}, key = 'reader') =>
    server.app.inject({ url: '/session/cookies?session=shop', headers: { ...bearer(key), ...headers } })
  const audit = () => server.lines.filter(({ level }) => level === 'audit')
  return { ...server, forget, read, audit }
}

t.test('what is forgotten is read by nobody any more, and the counter stays', async (t) => {
  const { forget, read, publish, app, audit } = await serve(t)
  await publish()
  const answer = await forget()
  t.equal(answer.statusCode, 200)
  const expected = { session: 'shop', generation: 1, forgotten: true, loggedOut: false }
  t.same(forgetResultSchema.parse(answer.json()), expected)
  t.match((await read()).json(), { code: 'session_absent' })
  const summary = await app.inject({ url: '/session?session=shop', headers: bearer('reader') })
  t.match(summary.json(), { status: 'absent', generation: 1, check: null })
  t.match((await forget()).json(), { ...expected, forgotten: false }, 'again is the same')
  await publish()
  t.match((await read()).json(), { generation: 2 })
  t.match(audit(), [
    {
      message: 'a session was forgotten',
      session: 'shop',
      key: 'admin',
      generation: 1,
      outcome: 'forgotten',
    },
    { outcome: 'absent' },
  ])
})

t.test('followers are told that there is no state', async (t) => {
  const { forget, publish, app } = await serve(t)
  await publish()
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const stream = await readEvents(`${address}/session/events`, bearer('reader'))
  const before = [await stream.next(), await stream.next()]
  t.match(JSON.stringify(before), 'live')
  await forget()
  t.match(JSON.stringify(await stream.next()), 'absent')
  stream.close()
})

t.test('whoever has the forgotten state starts no login by asking for a newer one', async (t) => {
  const { forget, read, publish } = await serve(t)
  await publish()
  const etag = String((await read()).headers.etag)
  await forget()
  const answer = await read({ 'if-none-match': etag }, 'refresher')
  t.match(answer.json(), { code: 'session_absent', detail: /was forgotten/ })
})

t.test('with a log-out, the site ends the session first, by the check that proved it', async (t) => {
  const jobs: LogOutJob[] = []
  const { forget, publish, audit } = await serve(t, {
    siteLogOut: async (job) => {
      jobs.push(job)
      return { loggedOut: true }
    },
  })
  await publish()
  t.match((await forget('&logout=true')).json(), { forgotten: true, loggedOut: true })
  const [job] = jobs
  t.same(job?.state, sampleState)
  t.match(job?.check, { url: 'https://shop.example/account' })
  t.match(audit(), [{ reason: 'with log-out', outcome: 'forgotten' }])
  t.match((await forget('&logout=true')).json(), { forgotten: false, loggedOut: false }, 'nothing is left')
  t.equal(jobs.length, 1)
})

t.test('where the site goes on with it, the state stays', async (t) => {
  const { forget, read, publish, audit } = await serve(t, {
    siteLogOut: async ({ state }) => ({
      ...{ loggedOut: false, detail: 'no log-out was found' },
      state: { ...state, userAgent: 'as the site has changed it' },
    }),
  })
  await publish()
  const answer = await forget('&logout=true')
  t.equal(answer.statusCode, 502)
  t.match(answer.json(), { code: 'log_out_failed', detail: 'no log-out was found; the state was kept' })
  const kept = await read()
  t.equal(kept.statusCode, 200)
  t.match(kept.json(), { generation: 1, revision: 1, userAgent: 'as the site has changed it' })
  t.match(audit(), [{ message: 'a session was not forgotten', outcome: 'log_out_failed' }])
})

t.test('a generation that comes during the log-out is logged out as well', async (t) => {
  const seen: string[] = []
  const server = await serve(t, {
    siteLogOut: async ({ state }) => {
      seen.push(state.userAgent)
      if (seen.length === 1) await server.publish('shop', { ...sampleState, userAgent: 'newer' })
      return { loggedOut: true }
    },
  })
  await server.publish()
  t.match((await server.forget('&logout=true')).json(), { generation: 2, forgotten: true })
  t.same(seen, [sampleState.userAgent, 'newer'])
})

t.test('it is for the scope admin, and says nothing of the state', async (t) => {
  const { forget, read, publish, lines } = await serve(t)
  await publish()
  for (const key of ['reader', 'refresher', 'operator', 'writer'])
    t.match((await forget('', key)).json(), { code: 'scope_missing', detail: /\badmin\b/ }, key)
  t.match((await forget('&logout=yes')).json(), { code: 'request_invalid' })
  t.equal((await read()).statusCode, 200)
  t.notMatch((await forget()).body, canary)
  t.notMatch(JSON.stringify(lines), canary)
})
