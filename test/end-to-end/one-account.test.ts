import { randomBytes } from 'node:crypto'
import { startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'

/** Two session names for one account at one site: the account is what must not be hurt. */
const redis = await startRedis()
t.teardown(() => redis.close())
const site = await startSite()
t.teardown(() => site.close())
const common = {
  sites: { shop: site, billing: site },
  redisUrl: redis.url,
  secretKey: randomBytes(32).toString('hex'),
  budget: { loginsPerDay: 5, failedPerDay: 3 },
}
const brokers = await Promise.all([startBroker(common), startBroker(common)])
t.teardown(() => Promise.all(brokers.map((broker) => broker.close())))
const [first, second] = brokers

const budgetOf = async (session: string) => (await second.call(`/session?session=${session}`)).body.budget

t.test('two names that are refreshed at once are logged in one after the other', async (t) => {
  site.change({ loginDelayMs: 700 })
  const answers = await Promise.all([
    first.refresh({}, { session: 'shop' }),
    second.refresh({}, { session: 'billing' }),
    second.refresh({}, { session: 'shop' }),
  ])
  t.same(new Set(answers.map(({ body }) => body.generation)), new Set([1]), 'each name counts for itself')
  t.match(site.stats(), { loginsStarted: 2, maxInFlightPerAccount: 1 })
  site.change({ loginDelayMs: 0 })
})

t.test('they spend one budget', async (t) => {
  t.same(await budgetOf('shop'), { loginsLeft: 3, failedLeft: 3, challengesLeft: 3 })
  t.same(await budgetOf('billing'), { loginsLeft: 3, failedLeft: 3, challengesLeft: 3 })
})

t.test('a password that is rejected for one is not sent for the other', async (t) => {
  site.killSessions()
  site.change({ mode: 'rejecting' })
  t.match((await first.refresh({}, { session: 'shop' })).body, { code: 'login_bad_credentials' })
  const { loginsStarted } = site.stats()
  t.match(await second.refresh({}, { session: 'billing' }), {
    status: 409,
    body: { code: 'login_locked_out', detail: /bad_credentials/ },
  })
  t.equal(site.stats().loginsStarted, loginsStarted)
  t.match((await second.call('/session?session=billing')).body, { login: { phase: 'locked_out' } })
  site.change({ mode: 'ok' })
  await second.call('/session/reset?session=billing', { method: 'POST' })
  t.match((await first.refresh({}, { session: 'shop' })).body, { generation: 2, outcome: 'renewed' })
})

t.test('when it is spent, neither is logged in, not even by force', async (t) => {
  t.match((await first.refresh({ force: true }, { session: 'billing' })).body, { generation: 2 })
  const { loginsStarted } = site.stats()
  t.equal(loginsStarted, 5)
  for (const session of ['shop', 'billing']) {
    const refused = await second.refresh({ force: true }, { session })
    t.match(refused, { status: 503, body: { code: 'login_budget_spent' } })
    t.ok(Number(refused.headers.get('retry-after')) > 86_000)
    t.match((await first.call(`/session?session=${session}`)).body, {
      login: { phase: 'backing_off', nextTryAt: String },
      budget: { loginsLeft: 0 },
    })
  }
  t.equal(site.stats().loginsStarted, loginsStarted)
})
