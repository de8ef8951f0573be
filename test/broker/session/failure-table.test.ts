import { failureClasses, ProblemError } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { failing, failureTable, meaningOf, type Row, titleOf } from './failure-rows.ts'
import { openGround, startSession } from './scripted-site.ts'

// The table of docs/errors.md, "What a failed login means for the next one", over the real store and the real refresher. What the
// site does is scripted, and time is the test's.

const day = 24 * 60 * 60_000

/** A session whose login has just failed so; from now on it would succeed. */
async function startFailed(t: Test, row: Row) {
  const ground = await openGround(t)
  const session = await startSession(t, ground)
  session.site.script(failing(row))
  t.equal((await session.broker.problem()).code, `login_${row.name}`)
  session.site.script()
  const { attempt } = await ground.store.read(session.definition)
  return { ...ground, ...session, permitEndsAtMs: attempt?.permitEndsAtMs ?? 0 }
}

t.test('the table is whole', async (t) => {
  t.same(new Set(failureTable.map(({ name }) => name)), new Set(failureClasses))
})

for (const row of failureTable) {
  const { name, sent, waitsForPermit = false } = row
  const { isLockedOut, delayMs, phase, refusal, isMendedBySecret } = meaningOf(row)
  const retryAfterSeconds = isLockedOut ? undefined : Math.ceil(delayMs / 1000)

  t.test(titleOf(row), async (t) => {
    await t.test('everybody who waits is told, and the store has it', async (t) => {
      const ground = await openGround(t)
      const { broker, other, site, definition } = await startSession(t, ground)
      site.script(failing(row))
      const told = await Promise.all([broker.problem(), broker.problem(), other.problem()])
      t.equal(site.logins(), 2, 'the first, and one for all of them')
      for (const problem of told) {
        const { code, message } = problem
        t.same([code, message], [`login_${name}`, 'as it is scripted'])
        t.equal(problem.retryAfterSeconds, retryAfterSeconds)
      }
      const { attempt, submissions, failuresInRow } = await ground.store.read(definition)
      t.match(attempt, { phase: 'failed', failure: { class: name }, endedAtMs: ground.clock.now() })
      t.equal(attempt?.permitEndsAtMs !== undefined, waitsForPermit, 'whether its permit goes on')
      t.same(
        submissions.map(({ outcome }) => outcome),
        sent ? ['accepted', 'failed'] : ['accepted'],
      )
      t.equal(failuresInRow, 1)
    })

    await t.test('GET /session shows it, and what was published goes on being served', async (t) => {
      const { broker, other, clock } = await startFailed(t, row)
      const since = new Date(clock.now()).toISOString()
      const nextTryAt = new Date(clock.now() + delayMs).toISOString()
      for (const each of [broker, other]) {
        const { login, budget, status } = await each.summary()
        t.same(login, { phase, class: name, since, ...(!isLockedOut && { nextTryAt }) })
        t.match(budget, sent ? { loginsLeft: 8, failedLeft: 2 } : { loginsLeft: 9, failedLeft: 3 })
        t.equal(status, 'dead')
        t.equal(each.served(), 1)
      }
    })

    await t.test('the next one has to wait', async (t) => {
      const { broker, other, site, clock } = await startFailed(t, row)
      const isRefused = async (seconds: number | undefined) => {
        for (const each of [broker, other]) {
          const problem = await each.problem()
          t.match(problem, { code: refusal, retryAfterSeconds: seconds })
          t.match(problem.message, name, 'which names the cause')
        }
      }
      await isRefused(retryAfterSeconds)
      clock.advance(isLockedOut ? 30 * day : delayMs - 1)
      await isRefused(isLockedOut ? undefined : 1)
      t.equal(site.logins(), 2, 'no login was made meanwhile')
    })

    if (!isLockedOut) {
      await t.test('until its time has come', async (t) => {
        const { broker, clock, passing, permitEndsAtMs } = await startFailed(t, row)
        clock.advance(delayMs)
        t.equal((await broker.summary()).login.phase, 'idle')
        t.match(await passing(broker.refresh()), { generation: 2, outcome: 'renewed' })
        t.ok(clock.now() >= permitEndsAtMs, 'not before the permit was over')
        t.same((await broker.summary()).login, { phase: 'idle' })
      })
    }

    await t.test('a reset allows it', async (t) => {
      const { broker, store, clock, definition, passing, permitEndsAtMs } = await startFailed(t, row)
      await store.resetLogins(definition)
      t.match(await passing(broker.refresh()), { generation: 2, outcome: 'renewed' })
      t.ok(clock.now() >= permitEndsAtMs, 'never before the permit was over')
    })

    await t.test('force passes, and what it passed stays when that fails too', async (t) => {
      const { broker, site, passing } = await startFailed(t, row)
      site.script(failing({ name: 'not_authenticated', sent: true }))
      t.equal((await passing(broker.problem('operator'))).code, 'login_not_authenticated')
      t.equal((await broker.problem()).code, refusal)
      site.script()
      t.match(await broker.refresh('operator'), { generation: 2, outcome: 'renewed' })
      t.same((await broker.summary()).login, { phase: 'idle' })
    })

    await t.test('another secret', async (t) => {
      const { broker, secret } = await startFailed(t, row)
      secret.now = 'another'
      if (isMendedBySecret) t.match(await broker.refresh(), { generation: 2 }, 'closes the breaker')
      else t.equal((await broker.problem()).code, refusal, 'mends nothing here')
    })

    await t.test('is noted though the store is away for a moment', async (t) => {
      const ground = await openGround(t)
      let away = 3
      const failLogin: SessionStore['failLogin'] = async (...report) => {
        if (away-- > 0) throw new ProblemError('store_unavailable', 'away')
        return ground.store.failLogin(...report)
      }
      const store = { ...ground.store, failLogin }
      const { broker, site, definition } = await startSession(t, { ...ground, store })
      site.script(failing(row))
      t.equal((await ground.passing(broker.problem())).code, `login_${name}`)
      t.equal(away, -1)
      const { attempt, failuresInRow } = await ground.store.read(definition)
      t.match(attempt, { phase: 'failed', failure: { class: name } })
      t.equal(failuresInRow, 1)
    })
  })
}
