import { setTimeout as sleep } from 'node:timers/promises'
import { judge } from '@session-broker/shared'
import {
  type LocalSite,
  type SiteMode,
  type SiteOptions,
  startSite,
  startSiteProcess,
} from '@session-broker/stage/site'
import t, { type Test } from 'tap'
import { createVisitor } from '../sites/visitor.ts'

async function site(test: Test, options: SiteOptions = {}): Promise<LocalSite> {
  const started = await startSite(options)
  test.teardown(() => started.close())
  return started
}

async function signedIn(at: LocalSite) {
  const visitor = createVisitor(at.url)
  await visitor.signIn(at.username, at.password)
  return visitor
}

t.test('shows a stranger the form, and who has signed in a greeting', async (t) => {
  const local = await site(t)
  const visitor = createVisitor(local.url)
  const stranger = await visitor.get('/')
  t.equal(stranger.status, 302)
  t.equal(stranger.headers.get('location'), '/login')
  t.equal((await visitor.get('/api/me')).status, 401)

  t.equal((await visitor.signIn(local.username, local.password)).headers.get('location'), '/')
  const home = await visitor.get('/')
  const seen = { status: home.status, finalUrl: home.url, body: await home.text() }
  t.equal(judge(local.check.expect, seen), 'signed_in')
  t.match(await (await visitor.get('/api/me')).json(), { username: 'alice', sessionNumber: 1 })
  t.match(local.stats(), {
    loginsStarted: 1,
    loginsSucceeded: 1,
    loginsFailed: 0,
    liveSessions: 1,
    formViews: 1,
  })
})

t.test('answers a wrong password with 200, the form and an error', async (t) => {
  const local = await site(t)
  const visitor = createVisitor(local.url)
  const answer = await visitor.signIn(local.username, 'not it')
  t.equal(answer.status, 200)
  t.match(await answer.text(), /role="alert".*type="password"/s)
  t.notOk(visitor.cookies.has('sid'))
  t.match(local.stats(), { loginsStarted: 1, loginsFailed: 1, liveSessions: 0 })

  local.setPassword(local.username, 'not it')
  t.equal((await visitor.signIn(local.username, 'not it')).status, 303)
})

t.test('refuses a form that was not served to this browser', async (t) => {
  const local = await site(t)
  const { username, password } = local
  const answer = await fetch(local.loginUrl, {
    method: 'POST',
    body: new URLSearchParams({ username, password, csrf: 'guessed' }),
  })
  t.equal(answer.status, 403)
  t.equal(local.stats().liveSessions, 0)
})

t.test('counts sign-ins that overlap, and goes on when the sender has gone away', async (t) => {
  const local = await site(t, { loginDelayMs: 150 })
  await Promise.all([signedIn(local), signedIn(local)])
  t.match(local.stats(), { maxInFlight: 2, maxInFlightPerAccount: 2, inFlightNow: 0 })

  local.change({ loginDelayMs: 300 })
  const impatient = fetch(local.loginUrl, {
    method: 'POST',
    body: new URLSearchParams({ username: local.username, password: 'x' }),
    signal: AbortSignal.timeout(100),
  })
  await t.rejects(impatient)
  t.equal(local.stats().inFlightNow, 1)
})

t.test('its sessions can be killed, end by themselves, or slide', async (t) => {
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const local = await site(t, { now: () => clock.ms, lifetimeMs: 60_000 })
  const first = await signedIn(local)
  clock.ms += 59_000
  t.equal((await first.get('/api/me')).status, 200)
  clock.ms += 1_000
  t.equal((await first.get('/api/me')).status, 401, 'a fixed end')

  local.change({ sliding: true, datedCookie: true })
  const second = await signedIn(local)
  for (let minute = 0; minute < 3; minute++) {
    clock.ms += 59_000
    const answer = await second.get('/api/me')
    t.equal(answer.status, 200)
    t.match(answer.headers.get('set-cookie'), /^sid=.*Max-Age=60/, 'the date moves along')
  }
  t.equal(local.killSessions(), 1)
  t.equal((await second.get('/api/me')).status, 401)
})

t.test('takes a former value for a while, where it has some grace', async (t) => {
  const clock = { ms: 0 }
  const options = {
    now: () => clock.ms,
    rotateEveryMs: 1_000,
    graceMs: 500,
    staleCookie: 'kills_session',
  } as const
  const local = await site(t, options)
  const visitor = await signedIn(local)
  const former = { cookie: `sid=${visitor.cookies.get('sid')}` }
  const show = async () => (await fetch(`${local.url}/api/me`, { headers: former })).status
  clock.ms = 1_000
  t.equal((await visitor.get('/api/me')).status, 200)
  clock.ms = 1_499
  t.equal(await show(), 200)
  t.equal(local.sessions()[0]?.rotations, 1)
  clock.ms = 1_500
  t.equal(await show(), 401)
  t.equal((await visitor.get('/api/me')).status, 401, 'and then it costs everybody the session')
})

t.test('rotates its cookie; a former value may cost everybody the session', async (t) => {
  const clock = { ms: 0 }
  const local = await site(t, { now: () => clock.ms, rotateEveryMs: 1_000 })
  const visitor = await signedIn(local)
  const former = { cookie: `sid=${visitor.cookies.get('sid')}` }
  clock.ms = 1_000
  t.equal((await visitor.get('/api/me')).status, 200)
  t.not(`sid=${visitor.cookies.get('sid')}`, former.cookie)
  t.equal(local.sessions()[0]?.rotations, 1)

  t.equal((await fetch(`${local.url}/api/me`, { headers: former })).status, 401)
  t.equal((await visitor.get('/api/me')).status, 200, 'refused, no more')
  local.change({ staleCookie: 'kills_session' })
  await fetch(`${local.url}/api/me`, { headers: former })
  t.equal((await visitor.get('/api/me')).status, 401)
})

t.test('may keep one session for each user: a new sign-in ends the former one', async (t) => {
  const local = await site(t, { singleSession: true })
  const first = await signedIn(local)
  const second = await signedIn(local)
  t.equal((await first.get('/api/me')).status, 401)
  t.equal((await second.get('/api/me')).status, 200)
})

t.test('may want the device id beside the cookie', async (t) => {
  const local = await site(t, { requireDeviceId: true })
  const visitor = await signedIn(local)
  const home = await (await visitor.get('/')).text()
  t.notMatch(home, /Hello, alice/, 'the cookie alone shows nobody')
  t.equal(local.check.in, 'browser')
  t.equal((await visitor.get('/api/me')).status, 401)
  t.equal((await visitor.get('/api/me', { 'x-device-id': 'another' })).status, 401)
  t.equal((await visitor.get('/api/me', { 'x-device-id': 'device-1' })).status, 200)
})

t.test('can be down, let nobody in, or hang until told otherwise', async (t) => {
  const local = await site(t, { mode: 'down' })
  const visitor = createVisitor(local.url)
  t.equal((await visitor.get('/')).status, 503)

  local.change({ mode: 'rejecting' })
  t.equal((await visitor.signIn(local.username, local.password)).status, 200)
  t.equal(local.stats().loginsFailed, 1)

  local.change({ mode: 'hanging' })
  const answer = visitor.get('/login')
  t.equal(await Promise.race([answer, sleep(100, 'nothing')]), 'nothing')
  local.change({ mode: 'ok' })
  t.equal((await answer).status, 200)
})

t.test('can answer a sign-in in other ways than yes or no', async (t) => {
  const local = await site(t)
  const answerIn = async (mode: SiteMode) => {
    local.change({ mode })
    const visitor = createVisitor(local.url)
    const answer = await visitor.signIn(local.username, local.password)
    t.notOk(visitor.cookies.has('sid'), mode)
    return { status: answer.status, body: await answer.text() }
  }
  t.match(await answerIn('locked'), { status: 200, body: /has been locked.*type="password"/s })
  t.match(await answerIn('captcha_after'), { status: 200, body: /id="captcha-picture"/ })
  t.match(await answerIn('failing'), { status: 500, body: /went wrong/ })
  t.match(await answerIn('dead_end'), { status: 200, body: /Thank you/ })
  t.match(local.stats(), { loginsStarted: 4, loginsFailed: 4 })
  const form = async () => (await createVisitor(local.url).get('/login')).text()
  t.notMatch(await form(), /captcha/)
  local.change({ mode: 'captcha' })
  t.match(await form(), /type="password".*id="captcha-picture"/s)
  local.change({ mode: 'formless' })
  t.notMatch(await form(), /<form/)
})

t.test('closes while a request hangs and a sign-in is under way', async (t) => {
  const local = await startSite({ loginDelayMs: 60_000 })
  const visitor = createVisitor(local.url)
  const signingIn = visitor.signIn(local.username, local.password).catch(() => undefined)
  while (local.stats().inFlightNow === 0) await sleep(5)
  local.change({ mode: 'hanging' })
  const hanging = visitor.get('/').catch(() => undefined)
  await local.close()
  await Promise.all([signingIn, hanging])
  t.match(local.stats(), { loginsFailed: 1, inFlightNow: 0 })
})

t.test('runs as a process of its own, asked from outside by its token alone', async (t) => {
  const local = await startSiteProcess({ loginDelayMs: 1 })
  t.teardown(() => local.close())
  const visitor = createVisitor(local.url)
  await visitor.signIn(local.username, local.password)
  t.match(await local.stats(), { loginsSucceeded: 1, liveSessions: 1 })
  t.match(await local.sessions(), [{ number: 1, username: local.username }])
  t.equal(await local.killSessions(), 1)
  t.equal((await visitor.get('/api/me')).status, 401)
  await local.change({ mode: 'down' })
  t.equal((await visitor.get('/')).status, 503)
  await local.change({ mode: 'ok' })
  t.equal((await fetch(`${local.url}/_admin/stats`)).status, 404)
  const guessed = { authorization: 'Bearer guessed' }
  t.equal((await fetch(`${local.url}/_admin/stats`, { headers: guessed })).status, 404)
})
