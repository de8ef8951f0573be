import { startRedis } from '@session-broker/stage/redis'
import t from 'tap'
import { tellOfDeath } from './after-death.ts'
import { assemble } from './dying-cast.ts'
import { endings, loginSteps } from './login-steps.ts'

// A broker kills itself, as kill -9 does, at a named step of its logins; the next one on the same data goes on. Logins speak HTTP
// here; kill-in-a-browser.test.ts has real ones.

const redis = await startRedis()
t.teardown(() => redis.close())
// Each a broker that dies and one that goes on, with up to ten logins at once, which mostly wait for times to be over; the longest first.
t.jobs = 3
t.setTimeout(600_000)

t.test(
  'who dies after each submission sends a wrong password three times at most',
  { buffered: true },
  async (t) => {
    const cast = await assemble(t, { sessions: ['rejected'] })
    const site = cast.sites.get('rejected')
    site?.change({ mode: 'rejecting' })
    for (let start = 1; start <= 5; start++) {
      const dying = await cast.startDying({
        ...{ step: 'after_post', sessions: ['rejected'] },
        ...{ fromGeneration: 0, browser: false },
      })
      const answer = await dying.refresh('rejected').catch(() => undefined)
      if (start <= 3) {
        t.equal(answer, undefined)
        await dying.death()
      } else {
        t.match(answer, { status: 503, body: { code: 'login_budget_spent' } }, 'it does not come so far')
        await dying.process.end()
      }
      t.equal(site?.stats().loginsStarted, Math.min(start, 3))
    }
    const next = await cast.startNext()
    await next.reset('rejected')
    t.match(await next.refresh('rejected', { force: true }), { body: { code: 'login_budget_spent' } })
    t.match((await next.summary('rejected')).body, { budget: { loginsLeft: 7, failedLeft: 0 } })
    t.equal(site?.stats().loginsStarted, 3)
    await next.stop()
  },
)

for (const [index, step] of loginSteps.entries()) {
  const redisUrl = index % 2 ? redis.url : undefined
  const store = redisUrl ? 'Redis' : 'the embedded store'
  t.test(`kill -9 ${step.replace('_', ' ')}, over ${store}`, { buffered: true }, async (t) => {
    const sessions = Object.keys(endings).filter((name) => endings[name]?.steps.includes(step))
    await tellOfDeath(t, { step, sessions, redisUrl })
  })
}

for (const redisUrl of [redis.url, undefined]) {
  const step = redisUrl ? 'before_commit' : 'after_permit'
  t.test(`kill -9 ${step.replace('_', ' ')}, over the other store`, { buffered: true }, async (t) => {
    await tellOfDeath(t, { step, sessions: ['success'], redisUrl })
  })
}
