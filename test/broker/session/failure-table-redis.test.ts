import { systemClock } from '@session-broker/program/clock'
import { startRedis } from '@session-broker/stage/redis'
import t from 'tap'
import { connectRedisStore } from '../../../apps/broker/src/backend/redis/redis-store.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { silentLog } from './define-session.ts'
import { failing, failureTable, meaningOf, titleOf } from './failure-rows.ts'
import { startSession } from './scripted-site.ts'

// The rows of failure-table.test.ts over a real Redis, by its own clock.
const redis = await startRedis()
const store = await connectRedisStore({ target: readRedisUrl(redis.url), log: silentLog })
t.teardown(async () => {
  await store.close()
  await redis.close()
})
const ground = { store, clock: { ...systemClock, random: () => 0.5 } }
t.jobs = failureTable.length

for (const row of failureTable) {
  const { name, sent, waitsForPermit = false } = row
  const { isLockedOut, phase, refusal, isMendedBySecret } = meaningOf(row)

  t.test(titleOf(row), { buffered: true }, async (t) => {
    const { broker, other, site, definition, secret } = await startSession(t, ground, {
      loginTimeoutMs: 3_000,
    })
    site.script(failing(row))
    const told = await Promise.all([broker.problem(), other.problem()])
    t.same(new Set(told.map(({ code }) => code)), new Set([`login_${name}`]))
    t.equal(site.logins(), 2)
    const { attempt, submissions } = await store.read(definition)
    t.match(attempt, { phase: 'failed', failure: { class: name } })
    t.equal(attempt?.permitEndsAtMs !== undefined, waitsForPermit, 'whether its permit goes on')
    t.equal(submissions.filter(({ outcome }) => outcome === 'failed').length, sent ? 1 : 0)
    t.match((await other.summary()).login, { phase, class: name })
    t.match(await other.problem(), { code: refusal, ...(!isLockedOut && { retryAfterSeconds: Number }) })

    site.script()
    secret.now = 'another'
    if (!isMendedBySecret) {
      t.equal((await other.problem()).code, refusal, 'another secret mends nothing here')
      await store.resetLogins(definition)
    }
    t.match(await other.refresh(), { generation: 2, outcome: 'renewed' })
    const { attempt: later } = await store.read(definition)
    t.ok((later?.startedAtMs ?? 0) >= (attempt?.permitEndsAtMs ?? 0), 'never before the permit was over')
  })
}
