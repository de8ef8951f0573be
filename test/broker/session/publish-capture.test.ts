import { systemClock } from '@session-broker/program/clock'
import { ProblemError, type SessionState } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type { ChallengeBoard } from '../../../apps/broker/src/session/ports/challenge-board.ts'
import type { LoginMutex } from '../../../apps/broker/src/session/ports/login-mutex.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { SiteLogin } from '../../../apps/broker/src/session/ports/site-login.ts'
import { overBothStores } from './over-both-stores.ts'
import { startSession } from './scripted-site.ts'

/** A lock that holds nobody off, as one may whose holder was paused: only the store is left to keep two apart. */
const lyingMutex: LoginMutex = {
  tryAcquire: async () => ({ validForMs: () => 4_000, release: async () => undefined }),
  close: async () => undefined,
}

/** A login that stands still once its secrets may be sent, until it is let go. */
function pausedLogin(finish: () => SessionState) {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const login: SiteLogin = async (job) => {
    await job.requestPermit()
    begun.resolve()
    await gate.promise
    job.confirmPermit()
    return job.prove({ state: finish(), landedUrl: 'https://shop.example/' })
  }
  return { login, begun: begun.promise, go: gate.resolve }
}

function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'published',
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  )
}

function captures(t: Test, store: SessionStore & ChallengeBoard): void {
  const ground = { store, clock: { ...systemClock, random: () => 0.5 } }

  t.test('a capture is the next generation, for every broker, and costs no login', async (t) => {
    const { broker, other, site, definition } = await startSession(t, ground)
    t.match(await broker.capture(site.signInByHand()), { generation: 2, revision: 0, isFirst: false })
    t.equal(broker.served(), 2)
    const { status, generation, budget } = await other.summary()
    t.match({ status, generation }, { status: 'live', generation: 2 })
    t.equal(budget.loginsLeft, definition.budget.loginsPerDay - 1, 'that of the first')
    t.match(await other.refresh(), { generation: 2, outcome: 'alive' })
    t.equal(site.logins(), 1)
  })

  t.test('of eight captures at once with the same condition one wins, at two brokers', async (t) => {
    for (const mutex of [undefined, lyingMutex]) {
      const { broker, other, site } = await startSession(t, ground, mutex ? { mutex } : {})
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          outcomeOf((index % 2 ? broker : other).capture(site.signInByHand())),
        ),
      )
      t.equal(outcomes.filter((outcome) => outcome === 'published').length, 1)
      t.equal(outcomes.filter((outcome) => outcome === 'precondition_failed').length, 7)
      t.equal((await broker.summary()).generation, 2)
    }
  })

  t.test('a capture waits for the login that runs, and comes too late', async (t) => {
    const { broker, other, site } = await startSession(t, ground)
    const state = site.signInByHand()
    const paused = pausedLogin(() => site.signInByHand())
    site.forget()
    site.script(paused.login)
    const refresh = broker.refresh()
    await paused.begun
    const capture = outcomeOf(other.capture(state))
    paused.go()
    t.match(await refresh, { generation: 2, outcome: 'renewed' })
    t.equal(await capture, 'precondition_failed')
    t.equal((await other.summary()).generation, 2)
  })

  t.test(
    'one that passes the lock during a permit overtakes the login, whose state is thrown away',
    async (t) => {
      const { broker, other, site, definition } = await startSession(t, ground, { mutex: lyingMutex })
      const paused = pausedLogin(() => site.signInByHand())
      site.script(paused.login)
      const refresh = broker.refresh()
      await paused.begun
      const byHand = site.signInByHand()
      t.match(await other.capture(byHand), { generation: 2 })
      t.match((await store.read(definition)).attempt, { phase: 'permitted' })
      paused.go()
      t.match(await refresh, { generation: 2, outcome: 'newer' })
      const { generation, attempt } = await store.read(definition)
      t.equal(generation, 2)
      t.match(attempt, { phase: 'abandoned' })
      t.equal(attempt?.permitEndsAtMs, undefined, 'the next login need not wait')
      t.equal(site.logins(), 2)
    },
  )

  t.test('what the site does not know never replaces what it knows', async (t) => {
    const { broker, site } = await startSession(t, ground)
    await broker.capture(site.signInByHand())
    const anonymous = { userAgent: 'nobody', cookies: [], origins: [] }
    t.equal(await outcomeOf(broker.capture(anonymous)), 'state_not_signed_in')
    t.match(await broker.summary(), { generation: 2, status: 'live' })
  })

  t.test('a rejected password stays where it is, though a person came in', async (t) => {
    const { broker, site } = await startSession(t, ground)
    site.script(async (job) => {
      await job.requestPermit()
      throw new ProblemError('login_bad_credentials', 'wrong')
    })
    t.equal((await broker.problem()).code, 'login_bad_credentials')
    t.match(await broker.capture(site.signInByHand()), { generation: 2 })
    t.match(await broker.summary(), { status: 'live', login: { phase: 'locked_out' } })
    site.forget()
    t.equal((await broker.problem()).code, 'login_locked_out')
    t.equal(site.logins(), 2)
  })

  t.test('a turn that somebody keeps is not waited for without end', async (t) => {
    let isBusy = false
    let skippedMs = 0
    const mutex: LoginMutex = {
      ...lyingMutex,
      async tryAcquire(account) {
        if (!isBusy) return lyingMutex.tryAcquire(account)
        skippedMs += 31_000
        return undefined
      },
    }
    const clock = { ...ground.clock, monotonicMs: () => ground.clock.monotonicMs() + skippedMs }
    const { broker, site } = await startSession(t, { store, clock }, { mutex })
    isBusy = true
    t.equal(await outcomeOf(broker.capture(site.signInByHand())), 'account_busy')
  })
}

overBothStores(t, captures)
