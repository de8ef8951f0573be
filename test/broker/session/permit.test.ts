import t from 'tap'
import { openGround, startSession } from './scripted-site.ts'

t.test('a permit outlasts its login: the site may still work on what was sent last', async (t) => {
  const { store, clock } = await openGround(t)
  const { broker, site, definition } = await startSession(t, { store, clock }, { loginTimeoutMs: 20_000 })
  const startedAtMs = clock.now()
  let permitEndsAtMs = 0
  site.script(async (job) => {
    clock.advance(19_000)
    await job.requestPermit()
    permitEndsAtMs = (await store.read(definition)).attempt?.permitEndsAtMs ?? 0
    throw new Error('enough')
  })
  await broker.problem()
  const outlastsMs = permitEndsAtMs - (startedAtMs + definition.loginTimeoutMs)
  t.equal(outlastsMs, 10_000, 'half of the login’s time, ten seconds at most')
})

t.test('once the time of the login is over, nothing is permitted and nothing is pressed', async (t) => {
  const { store, clock } = await openGround(t)
  const { broker, site, definition } = await startSession(t, { store, clock }, { loginTimeoutMs: 20_000 })
  site.script(async (job) => {
    await job.requestPermit()
    job.confirmPermit()
    clock.advance(20_000)
    t.throws(() => job.confirmPermit(), { code: 'login_abandoned' })
    await t.rejects(job.requestPermit(), { code: 'login_abandoned' })
    throw new Error('enough')
  })
  await broker.problem()
  t.equal((await store.read(definition)).submissions.length, 2, 'the first login’s, and one for this one')
})
