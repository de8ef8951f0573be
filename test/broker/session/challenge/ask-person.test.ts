import { setImmediate } from 'node:timers/promises'
import { ProblemError } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type {
  LoginJob,
  PageView,
  Question,
  SiteLogin,
} from '../../../../apps/broker/src/session/ports/site-login.ts'
import { startOf } from '../define-session.ts'
import { openGround, startSession } from '../scripted-site.ts'

const aboutCode: Question = {
  kind: 'code',
  prompt: 'We have mailed you a code.',
  page: 'https://shop.example/code',
}

/** A page that shows nothing and stays as it is; what a person does on it is noted. */
function restingPage() {
  const acts: unknown[] = []
  const view: PageView = {
    follow: async () => async () => undefined,
    act: async (input) => void acts.push(input),
    movedOn: (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      ),
  }
  return { view, acts }
}

async function open(t: Test, part: Parameters<typeof startSession>[2] = {}) {
  const ground = await openGround(t)
  const session = await startSession(t, ground, { loginTimeoutMs: 20_000, ...part })
  /** The site's sign-in wants what `ask` asks for. */
  function script(ask: (job: LoginJob) => Promise<unknown>): void {
    session.site.script((async (job) => {
      await job.requestPermit()
      job.confirmPermit()
      await ask(job)
      job.confirmPermit()
      return job.prove({ state: session.site.signInByHand(), landedUrl: 'https://shop.example/' })
    }) as SiteLogin)
  }
  async function untilAsked(): Promise<void> {
    for (let turns = 0; !(await ground.store.read(session.definition)).challenge; turns++) {
      if (turns > 5_000) throw new Error('nobody is asked')
      await setImmediate()
    }
  }
  /** Some time passes, in steps in which everybody comes to their turn. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      ground.clock.advance(1_000)
      for (let turn = 0; turn < 30; turn++) await setImmediate()
    }
  }
  return { ...ground, ...session, script, untilAsked, pass }
}

t.test(
  'people have longer than the login: its time stands still, its permit is kept, a short one each time',
  async (t) => {
    const { broker, script, untilAsked, pass, say, store, definition, clock, passing } = await open(t)
    const { view } = restingPage()
    script((job) => job.askPerson(aboutCode, view))
    const login = broker.refresh()
    await untilAsked()
    for (let minute = 0; minute < 4; minute++) {
      await pass(60)
      const { permitEndsAtMs = 0 } = (await store.read(definition)).attempt ?? {}
      t.ok(permitEndsAtMs > clock.now(), 'nobody else may begin')
      t.ok(permitEndsAtMs <= clock.now() + 30_000, 'but soon after this broker has died')
    }
    t.match((await broker.summary()).login, { phase: 'challenged', challenge: { kind: 'code' } })
    await say({ code: '123456' })
    t.match(await passing(login), { outcome: 'renewed', generation: 2 })
    t.equal((await broker.summary()).login.phase, 'idle')
  },
)

t.test('with little time left the permit is kept as well', async (t) => {
  const { broker, script, untilAsked, pass, say, store, definition, clock, passing } = await open(t)
  const { view, acts } = restingPage()
  script(async (job) => {
    clock.advance(17_000)
    await job.askPerson(aboutCode, view)
  })
  const login = broker.refresh()
  await untilAsked()
  for (let second = 0; second < 30; second++) {
    await pass(1)
    t.ok(((await store.read(definition)).attempt?.permitEndsAtMs ?? 0) > clock.now() + 1_000)
    if (second % 10 === 0) await say({ press: 'Enter' })
  }
  await pass(1)
  t.equal(acts.length, 3, 'and what people do is done')
  await say({ code: '123456' })
  t.match(await passing(login), { outcome: 'renewed' })
})

t.test('of a login that nobody waits for, people are asked half as often', async (t) => {
  const { broker, script, untilAsked, say, passing } = await open(t, {
    challenge: { timeoutMs: 60_000, perDay: 2 },
  })
  const { view } = restingPage()
  script((job) => job.askPerson(aboutCode, view))
  const first = broker.refresh('scheduled_renewal')
  await untilAsked()
  await say({ code: '1234' })
  await passing(first)
  const second = await passing(broker.problem('scheduled_renewal'))
  t.match(second, { code: 'login_challenge_timeout', message: /1 times in 24 hours/ })
})

t.test('a login that was overtaken while it asked does nothing that its person says', async (t) => {
  const { broker, script, untilAsked, say, clock, store, definition } = await open(t)
  const { view, acts } = restingPage()
  script((job) => job.askPerson(aboutCode, view))
  const login = broker.problem()
  await untilAsked()
  await say({ press: 'Enter' })
  // The broker was stopped, and has not noticed yet how late it is when another one begins.
  clock.advance(60_000)
  const begun = store.beginLogin(definition, startOf({ fromGeneration: 1 }))
  t.match(await login, { code: 'login_abandoned' })
  t.match(await begun, { begun: true })
  t.same(acts, [])
})

t.test('what people do is passed on to the page', async (t) => {
  const { broker, script, untilAsked, pass, say, passing } = await open(t)
  const { view, acts } = restingPage()
  script((job) => job.askPerson({ ...aboutCode, kind: 'captcha' }, view))
  const login = broker.refresh()
  await untilAsked()
  await say({ press: 'Enter' })
  await pass(1)
  t.match(acts, [{ press: 'Enter' }])
  await t.rejects(say({ code: '123456' }), { code: 'request_invalid' }, 'no code is asked for')
  await say({ done: true })
  t.match(await passing(login), { outcome: 'renewed' })
})

t.test('a page that moves on needs no answer', async (t) => {
  const { broker, script, untilAsked, passing, notices } = await open(t)
  const { view } = restingPage()
  let moveOn = () => {}
  const moving = { ...view, movedOn: () => new Promise<void>((resolve) => (moveOn = resolve)) }
  script((job) => job.askPerson({ ...aboutCode, kind: 'approval' }, moving))
  const login = broker.refresh()
  await untilAsked()
  moveOn()
  t.match(await passing(login), { outcome: 'renewed' })
  t.match(notices, [
    { event: 'opened', kind: 'approval' },
    { event: 'closed', outcome: 'answered' },
  ])
})

t.test('the time of people is for the whole login; then it ends, by what was asked', async (t) => {
  const { broker, script, untilAsked, pass, say, passing, notices, store, definition } = await open(t, {
    challenge: { timeoutMs: 60_000, perDay: 3 },
  })
  const { view } = restingPage()
  script(async (job) => {
    await job.askPerson(aboutCode, view)
    await job.askPerson({ ...aboutCode, kind: 'captcha' }, view)
  })
  const login = broker.problem()
  await untilAsked()
  await pass(40)
  await say({ code: '000000' })
  await pass(1)
  await untilAsked()
  const { challenge } = await store.read(definition)
  const leftMs = (challenge?.expiresAtMs ?? 0) - (challenge?.openedAtMs ?? 0)
  t.ok(leftMs > 10_000 && leftMs <= 20_000, 'what is left of the minute')
  t.match(await passing(login), { code: 'login_captcha', message: /nobody answered within/ })
  t.match(notices.at(-1), { event: 'closed', outcome: 'unanswered' })
})

t.test('a store that is away for a moment costs no challenge', async (t) => {
  const { broker, script, untilAsked, pass, say, passing, store } = await open(t)
  const { view } = restingPage()
  script((job) => job.askPerson(aboutCode, view))
  const login = broker.refresh()
  await untilAsked()
  const away = async () => {
    throw new ProblemError('store_unavailable', 'it is away')
  }
  const { takeAnswers, grantPermit } = store
  Object.assign(store, { takeAnswers: away, grantPermit: away })
  await pass(8)
  Object.assign(store, { takeAnswers, grantPermit })
  await say({ code: '123456' })
  t.match(await passing(login), { outcome: 'renewed' })
})

t.test('a command gets the code and nobody is called; one that fails calls a person, once', async (t) => {
  const credentials = (fetchCode: () => Promise<string>) => async () => ({
    ...{ username: 'alice', password: 'first', tag: 'tag-of-first', fetchCode },
  })
  const { view } = restingPage()
  const well = await open(t, { credentials: credentials(async () => '246810') })
  let given: unknown
  well.script(async (job) => {
    given = await job.askPerson(aboutCode, view)
  })
  t.match(await well.passing(well.broker.refresh()), { outcome: 'renewed' })
  t.same(given, { kind: 'code', code: '246810' })
  t.same(well.notices, [])
  t.equal((await well.broker.summary()).budget.challengesLeft, 3, 'nobody was asked')

  let calls = 0
  const ill = await open(t, {
    credentials: credentials(async () => {
      calls += 1
      throw new Error('no mail')
    }),
  })
  ill.script(async (job) => {
    await job.askPerson(aboutCode, view)
    await job.askPerson(aboutCode, view)
  })
  const login = ill.broker.refresh()
  for (let round = 0; round < 2; round++) {
    await ill.untilAsked()
    await ill.pass(1)
    await ill.say({ code: '135790' })
    await ill.pass(1)
  }
  t.match(await ill.passing(login), { outcome: 'renewed' })
  t.equal(calls, 1)
  t.equal(ill.notices.filter(({ event }) => event === 'opened').length, 2)
})

t.test('no code of the app is sent twice, by whichever broker', async (t) => {
  const windows: number[] = []
  const code = async (claim: (window: number) => Promise<boolean>) => {
    for (let window = 100; ; window++) {
      if (!(await claim(window))) continue
      windows.push(window)
      return String(window)
    }
  }
  const credentials = async () => ({ username: 'alice', password: 'first', tag: 'tag-of-first', code })
  const { broker, other, site, script } = await open(t, { credentials })
  script((job) => job.credentials.code?.() ?? Promise.reject(new Error('there is an app')))
  await broker.refresh()
  site.forget()
  await other.refresh()
  t.same(windows, [100, 101])
})

t.test('a person who brings the session itself ends the login that waits for one', async (t) => {
  const { broker, other, site, script, untilAsked, passing } = await open(t)
  script((job) => job.askPerson(aboutCode, restingPage().view))
  const login = broker.refresh().catch((error: unknown) => error)
  await untilAsked()
  t.match(await passing(other.capture(site.signInByHand())), { generation: 2 })
  t.match(await passing(login), { code: 'login_challenge_timeout' })
  t.match(await broker.summary(), { status: 'live', generation: 2, login: { phase: 'idle' } })
})
