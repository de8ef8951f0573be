import { sessionSummarySchema } from '@session-broker/shared'
import t from 'tap'
import { reportOf } from '../backend/store-steps.ts'
import { budget, startOf } from '../session/define-session.ts'
import { bearer, buildTestServer } from './build-test-server.ts'

async function serve(t: { teardown(work: () => Promise<void>): void }) {
  const server = await buildTestServer({ sessions: ['shop', 'billing'] })
  t.teardown(server.close)
  const { app, mirror, store } = server
  const place = mirror.get('shop').definition
  const post = (key: string, body?: object, session = 'shop') =>
    app.inject({
      method: 'POST',
      url: `/session/reset?session=${session}`,
      headers: bearer(key),
      ...(body && { body }),
    })
  const show = async () => {
    const answer = await app.inject({ url: '/session?session=shop', headers: bearer('reader') })
    return sessionSummarySchema.parse(answer.json())
  }
  /** A login that the site refused. */
  async function fail(part: Parameters<typeof reportOf>[1]) {
    const begun = await store.beginLogin(place, startOf({ force: true }))
    if (!begun.begun) throw new Error(begun.reason)
    await store.grantPermit(place, { fence: begun.fence, durationMs: 1_000, budget })
    await store.failLogin(place, reportOf(begun.fence, part))
    await mirror.reload('shop')
  }
  return { ...server, post, show, fail }
}

t.test('a breaker is shown with its cause, and an operator closes it', async (t) => {
  const { post, show, fail, lines } = await serve(t)
  await fail({ breaker: { credentialsTag: 'tag' } })
  const before = await show()
  t.match(before.login, { phase: 'locked_out', class: 'bad_credentials', since: String })
  const answer = await post('operator', { reason: 'the password is right again' })
  t.equal(answer.statusCode, 200)
  t.match(sessionSummarySchema.parse(answer.json()).login, { phase: 'idle', class: 'bad_credentials' })
  t.same((await show()).budget, before.budget, 'the budget stays as it is')
  const audit = lines.filter(({ level }) => level === 'audit')
  t.match(audit, [{ session: 'shop', key: 'operator', reason: 'the password is right again' }])
})

t.test('a back-off is shown with its end, and a reset without a body ends it', async (t) => {
  const { post, show, fail, clock } = await serve(t)
  await fail({ delayMs: 90_000, failure: { class: 'site_down', detail: '' } })
  const { login } = await show()
  t.match(login, { phase: 'backing_off', class: 'site_down' })
  const waitMs = Date.parse(login.nextTryAt ?? '') - clock.now()
  t.ok(waitMs > 89_000 && waitMs <= 90_000)
  t.match((await post('operator')).json().login, { phase: 'idle' })
})

t.test('a spent budget is shown as a wait', async (t) => {
  const { show, fail, store, mirror } = await serve(t)
  const left = (await show()).budget
  await fail({})
  t.same((await show()).budget, { ...left, loginsLeft: left.loginsLeft - 1, failedLeft: left.failedLeft - 1 })
  const place = mirror.get('shop').definition
  const begun = await store.beginLogin(place, startOf())
  if (!begun.begun) throw new Error(begun.reason)
  await store.grantPermit(place, { fence: begun.fence, durationMs: 60_000, budget })
  await mirror.reload('shop')
  const running = await show()
  t.match(running.login, { phase: 'running' })
  t.equal(running.budget.failedLeft, left.failedLeft - 1, 'what runs has not failed')
})

t.test('it is for operators, and for the sessions that they may see', async (t) => {
  const { post, lines } = await serve(t)
  for (const key of ['reader', 'refresher', 'shop-only', 'nothing']) {
    t.match((await post(key)).json(), { code: 'scope_missing', detail: /\boperate\b/ }, key)
  }
  t.match((await post('operator', undefined, 'none')).json(), { code: 'session_unknown' })
  t.match((await post('operator', { why: 'x' })).json(), { code: 'request_invalid' })
  t.same(
    lines.filter(({ level }) => level === 'audit'),
    [],
  )
})
