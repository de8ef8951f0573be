import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { failing } from './failure-rows.ts'
import { openGround, scriptedBudget, startSession } from './scripted-site.ts'

// What failure-table.test.ts has no row for: failures in a row, errors without a class, what is no failure, the budget.

const minute = 60_000
const day = 24 * 60 * minute

t.test('back-off doubles with each failure in a row', async (t) => {
  const ground = await openGround(t)
  const { broker, site } = await startSession(t, ground)
  site.script(failing({ name: 'site_down', sent: false }))
  const waits: unknown[] = []
  for (let failures = 0; failures < 4; failures++) {
    const { retryAfterSeconds = 0 } = await broker.problem()
    waits.push(retryAfterSeconds)
    ground.clock.advance(retryAfterSeconds * 1000)
  }
  t.same(waits, [1, 2, 4, 8])
})

t.test('the check of the captured state decides, whatever the sign-in said', async (t) => {
  const ground = await openGround(t)
  const { broker, site, definition } = await startSession(t, ground)
  site.script(async (job) => {
    await job.requestPermit()
    const state = { userAgent: 'nobody', cookies: [], origins: [] }
    return job.prove({ state, landedUrl: job.definition.loginUrl })
  })
  t.match(await broker.problem(), { code: 'login_not_authenticated', retryAfterSeconds: 30 })
  t.match((await ground.store.read(definition)).submissions, [{}, { outcome: 'failed' }])
  t.equal(broker.served(), 1)
})

t.test('an error that nobody foresaw is unknown, and says nothing of itself', async (t) => {
  const ground = await openGround(t)
  const { broker, site } = await startSession(t, ground)
  site.script(() => Promise.reject(new Error('with a secret in it')))
  const problem = await broker.problem()
  t.match(problem, { code: 'login_unknown', retryAfterSeconds: 30 })
  t.notMatch(problem.message, /secret/)
})

t.test('a login whose time is over ends, whatever the sign-in makes of it', async (t) => {
  const ground = await openGround(t)
  const { broker, site, definition } = await startSession(t, ground)
  site.script(async (job) => {
    await job.requestPermit()
    await new Promise((_, reject) => job.signal.addEventListener('abort', reject))
    throw new Error('it never comes here')
  })
  const { code } = await ground.passing(broker.problem())
  t.equal(code, 'login_unknown')
  t.equal((await ground.store.read(definition)).submissions.length, 2)
})

t.test('what is no failure leaves no back-off', async (t) => {
  const idle = { phase: 'idle' }

  await t.test('a broker that stops, before a secret was sent', async (t) => {
    const ground = await openGround(t)
    const { broker, other, site, definition } = await startSession(t, ground)
    site.script(async ({ signal }) => {
      broker.stop()
      signal.throwIfAborted()
      throw new Error('it never comes here')
    })
    t.equal((await broker.problem()).code, 'login_abandoned')
    t.equal((await ground.store.read(definition)).submissions.length, 1, 'it counts for nothing')
    site.script()
    t.same((await other.summary()).login, idle)
    t.match(await other.refresh(), { generation: 2, outcome: 'renewed' })
  })

  await t.test('one that stops after: it counts as failed, and its permit is waited for', async (t) => {
    const ground = await openGround(t)
    const { broker, other, site, definition } = await startSession(t, ground)
    site.script(async (job) => {
      await job.requestPermit()
      broker.stop()
      job.signal.throwIfAborted()
      throw new Error('it never comes here')
    })
    t.equal((await broker.problem()).code, 'login_abandoned')
    const { attempt, submissions } = await ground.store.read(definition)
    t.match(submissions, [{}, { outcome: 'open' }])
    t.match(attempt, { phase: 'abandoned', permitEndsAtMs: Number })
    t.match(await other.summary(), { login: idle, budget: { loginsLeft: 8, failedLeft: 2 } })
    site.script()
    t.match(await ground.passing(other.refresh()), { generation: 2, outcome: 'renewed' })
    t.ok(ground.clock.now() >= (attempt?.permitEndsAtMs ?? Number.POSITIVE_INFINITY))
  })

  await t.test('one that another has overtaken before its permit', async (t) => {
    const ground = await openGround(t)
    const { broker, site, definition } = await startSession(t, ground)
    site.script(async (job) => {
      const start = {
        operationId: 'overtaker',
        fromGeneration: 1,
        budget: scriptedBudget,
        credentialsTag: 'x',
        force: false,
      } as const
      t.match(await ground.store.beginLogin(definition, start), { begun: true })
      await job.requestPermit()
      throw new Error('it never comes here')
    })
    t.equal((await broker.problem()).code, 'login_abandoned')
    const { submissions, failuresInRow, nextTryAtMs } = await ground.store.read(definition)
    t.same([submissions.length, failuresInRow, nextTryAtMs], [1, 0, undefined])
    site.script()
    t.match(await broker.refresh(), { generation: 2, outcome: 'renewed' })
  })

  await t.test('one that found the budget spent at its permit', async (t) => {
    const ground = await openGround(t)
    let isSpent = false
    const store: typeof ground.store = {
      ...ground.store,
      grantPermit: async (...asked) => (isSpent ? 'budget_spent' : ground.store.grantPermit(...asked)),
    }
    const { broker, definition } = await startSession(t, { ...ground, store })
    isSpent = true
    t.equal((await broker.problem()).code, 'login_budget_spent')
    t.same((await broker.summary()).login, idle)
    isSpent = false
    t.match(await broker.refresh(), { generation: 2, outcome: 'renewed' })
    t.equal((await ground.store.read(definition)).submissions.length, 2)
  })

  await t.test('a secret that cannot be looked up', async (t) => {
    const ground = await openGround(t)
    let isThere = true
    const credentials = async () => {
      if (isThere) return { username: 'alice', password: 'first', tag: 'tag' }
      throw new ProblemError('login_misconfigured', 'env:SHOP_PASSWORD is not set')
    }
    const { broker, site } = await startSession(t, ground, { credentials })
    isThere = false
    t.match(await broker.problem(), { code: 'login_misconfigured', retryAfterSeconds: undefined })
    t.equal(site.logins(), 1, 'the site has heard nothing of it')
    t.same((await broker.summary()).login, idle)
    isThere = true
    t.match(await broker.refresh(), { generation: 2, outcome: 'renewed' })
  })
})

t.test('the budget', async (t) => {
  await t.test('is spent by three that failed; reset and force do not pass it, a day does', async (t) => {
    const ground = await openGround(t)
    const { broker, site, definition } = await startSession(t, ground)
    site.script(failing({ name: 'locked', sent: true }))
    for (let failed = 0; failed < 3; failed++) {
      t.equal((await broker.problem('operator')).code, 'login_locked')
      ground.clock.advance(minute)
    }
    await ground.store.resetLogins(definition)
    for (const cause of ['caller', 'operator'] as const) {
      t.match(await broker.problem(cause), {
        code: 'login_budget_spent',
        retryAfterSeconds: (day - 3 * minute) / 1000,
      })
    }
    t.match(await broker.summary(), {
      login: { phase: 'backing_off', class: 'locked' },
      budget: { loginsLeft: 6, failedLeft: 0 },
    })
    t.equal(site.logins(), 4)
    site.script()
    ground.clock.advance(day - 3 * minute)
    t.match(await broker.refresh(), { generation: 2, outcome: 'renewed' })
  })

  await t.test('keeps its other half from logins that nobody waits for', async (t) => {
    const ground = await openGround(t)
    const { broker, site } = await startSession(t, ground, {
      budget: { loginsPerDay: 4, failedPerDay: 3 },
    })
    t.match(await broker.refresh(), { generation: 2 })
    site.forget()
    t.equal((await broker.problem('scheduled_check')).code, 'login_budget_spent')
    t.match(await broker.refresh(), { generation: 3, outcome: 'renewed' })
  })
})
