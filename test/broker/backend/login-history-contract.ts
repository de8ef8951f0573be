import type { Test } from 'tap'
import type { SessionPlace, SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { budget, startOf } from '../session/define-session.ts'
import {
  begin,
  beginPermitted,
  logIn,
  newPlace,
  publication,
  reportOf,
  type StoreUnderTest,
} from './store-steps.ts'

/** What of an account's logins is kept, and what it forbids. */
export const historyParts = [budgets, breakers, backingOff, abandoning, lives]

async function failOnce(store: SessionStore, place: SessionPlace, part: Parameters<typeof reportOf>[1] = {}) {
  const { generation: fromGeneration } = await store.read(place)
  const { fence } = await beginPermitted(store, place, { fromGeneration, force: true })
  await store.failLogin(place, reportOf(fence, part))
}

async function budgets(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('each permit is a submission, once, and how it ended is noted', async (t) => {
    const place = newPlace()
    const first = await beginPermitted(store, place)
    await replica.grantPermit(place, { fence: first.fence, durationMs: 60_000, budget })
    t.match((await replica.read(place)).submissions, [{ fence: first.fence, outcome: 'open' }])
    t.equal((await store.read(place)).submissions.length, 1, 'a second permit of one login costs nothing')
    await store.commitLogin(place, { ...first, ...publication() })
    await failOnce(replica, place)
    t.same(
      (await store.read(place)).submissions.map(({ outcome }) => outcome),
      ['accepted', 'failed'],
    )
  })

  await t.test('a login that sends nothing costs nothing', async (t) => {
    const place = newPlace()
    await store.failLogin(place, reportOf((await begin(store, place)).fence))
    await store.abandonLogin(place, await begin(store, place))
    t.same((await store.read(place)).submissions, [])
  })

  await t.test('when the logins of a day are spent, none begins and none is permitted', async (t) => {
    const place = newPlace()
    const tight = { loginsPerDay: 2, failedPerDay: 10 }
    for (const fromGeneration of [0, 1]) {
      const login = await beginPermitted(store, place, { fromGeneration, budget: tight })
      await store.commitLogin(place, { ...login, ...publication() })
    }
    const refused = await replica.beginLogin(
      place,
      startOf({ fromGeneration: 2, budget: tight, force: true }),
    )
    t.match(refused, { begun: false, reason: 'budget_spent' }, 'force passes no budget')
    const waitMs = 'waitMs' in refused ? refused.waitMs : 0
    t.ok(waitMs > 86_300_000 && waitMs <= 86_400_000, 'until the first of them is a day old')
    const { fence } = await begin(store, place, { fromGeneration: 2 })
    const permit = { fence, durationMs: 1_000, budget: tight }
    t.equal(await replica.grantPermit(place, permit), 'budget_spent')
    t.equal((await store.read(place)).submissions.length, 2)
  })

  await t.test('a day counts failures of its own, and what nobody knows the end of is one', async (t) => {
    const place = newPlace()
    const tight = { loginsPerDay: 10, failedPerDay: 2 }
    await failOnce(store, place)
    const { fence } = await beginPermitted(store, place, { budget: tight, durationMs: 1 })
    const again = { fence, durationMs: 1, budget: tight }
    t.equal(await store.grantPermit(place, again), 'granted', 'a running login has not failed')
    await passTime(5)
    const refused = await replica.beginLogin(place, startOf({ budget: tight }))
    t.match(refused, { begun: false, reason: 'budget_spent' }, 'its broker died')
    await logIn(store, place)
    t.equal((await store.read(place)).submissions.length, 2, 'a login without a permit is none')
  })

  await t.test('the sessions of one account spend one budget', async (t) => {
    const shop = newPlace()
    const billing = { ...shop, session: 'billing' }
    const tight = { loginsPerDay: 1, failedPerDay: 1 }
    const login = await beginPermitted(store, shop, { budget: tight })
    await store.commitLogin(shop, { ...login, ...publication() })
    t.match(await replica.beginLogin(billing, startOf({ budget: tight })), { reason: 'budget_spent' })
    t.equal((await replica.read(billing)).submissions.length, 1)
  })

  await t.test('of 20 logins at once no more are permitted than the budget has', async (t) => {
    const place = newPlace()
    const tight = { loginsPerDay: 3, failedPerDay: 20 }
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const each = index % 2 ? store : replica
        const begun = await each.beginLogin(place, startOf({ budget: tight }))
        if (!begun.begun) return begun.reason
        const permit = { fence: begun.fence, durationMs: 1, budget: tight }
        const answer = await each.grantPermit(place, permit)
        await each.failLogin(place, reportOf(begun.fence))
        return answer
      }),
    )
    t.ok(answers.filter((answer) => answer === 'granted').length <= 3)
    t.ok((await store.read(place)).submissions.length <= 3)
  })
}

async function breakers(t: Test, { store, replica, passTime }: StoreUnderTest) {
  const rejected = { breaker: { credentialsTag: 'tag' } }

  await t.test('a rejected secret is not sent again until it is another', async (t) => {
    const place = newPlace()
    await failOnce(store, place, rejected)
    t.match((await replica.read(place)).breaker, {
      class: 'bad_credentials',
      sinceMs: Number,
      credentialsTag: 'tag',
    })
    t.same(await replica.beginLogin(place, startOf()), { begun: false, reason: 'locked_out' })
    const other = await begin(replica, place, { credentialsTag: 'other' })
    t.same(await store.beginLogin(place, startOf()), { begun: false, reason: 'locked_out' }, 'nor in turn')
    await store.commitLogin(place, { ...other, ...publication() })
    t.equal((await store.read(place)).breaker, undefined, 'until the other one has succeeded')
  })

  await t.test('another secret passes the breaker, and no back-off and no budget', async (t) => {
    const place = newPlace()
    await failOnce(store, place, rejected)
    const tight = { loginsPerDay: 1, failedPerDay: 1 }
    const other = startOf({ credentialsTag: 'other' })
    t.match(await replica.beginLogin(place, { ...other, budget: tight }), { reason: 'budget_spent' })
    await failOnce(store, place, { delayMs: 60_000, failure: { class: 'site_down', detail: '' } })
    t.match(await replica.beginLogin(place, other), { reason: 'backing_off' })
    t.match((await store.read(place)).breaker, { credentialsTag: 'tag' })
  })

  await t.test('what was refused is known, also of a login that was overtaken', async (t) => {
    const place = newPlace()
    const slow = await beginPermitted(store, place, { durationMs: 1 })
    await passTime(5)
    const quick = await begin(replica, place)
    await store.failLogin(place, reportOf(slow.fence, rejected))
    t.match(await replica.read(place), {
      breaker: { credentialsTag: 'tag' },
      attempt: { fence: quick.fence, phase: 'begun' },
      failuresInRow: 0,
    })
    await replica.commitLogin(place, { ...quick, ...publication() })
    await store.failLogin(place, reportOf(slow.fence, rejected))
    t.equal((await store.read(place)).breaker, undefined, 'a success says otherwise')
  })

  await t.test('where only an operator may close it, another secret does not', async (t) => {
    const place = newPlace()
    await failOnce(store, place, { breaker: {}, failure: { class: 'locked', detail: '' } })
    const other = startOf({ credentialsTag: 'other' })
    t.match(await replica.beginLogin(place, other), { reason: 'locked_out' })
    await replica.resetLogins(place)
    t.match(await store.read(place), { breaker: undefined, failuresInRow: 0, submissions: [{}] })
    t.match(await store.beginLogin(place, startOf()), { begun: true }, 'what was spent stays spent')
  })

  await t.test('force passes it; then it stays open until a login succeeds', async (t) => {
    const place = newPlace()
    await failOnce(store, place, rejected)
    await failOnce(replica, place, { failure: { class: 'site_down', detail: '' } })
    t.match((await store.read(place)).breaker, { class: 'bad_credentials', credentialsTag: 'tag' })
    const forced = await beginPermitted(store, place, { force: true })
    await store.commitLogin(place, { ...forced, ...publication() })
    t.match(await replica.read(place), { breaker: undefined, failuresInRow: 0 })
  })

  await t.test('a lock takes the place of a rejected secret', async (t) => {
    const place = newPlace()
    await failOnce(store, place, rejected)
    await failOnce(store, place, { breaker: {}, failure: { class: 'locked', detail: '' } })
    t.match(await store.beginLogin(place, startOf({ credentialsTag: 'other' })), { reason: 'locked_out' })
  })
}

async function backingOff(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('no login begins before its time, and failures in a row are counted', async (t) => {
    const place = newPlace()
    await failOnce(store, place)
    await failOnce(replica, place, { delayMs: 300 })
    const refused = await store.beginLogin(place, startOf())
    t.match(refused, { begun: false, reason: 'backing_off' })
    t.ok('waitMs' in refused && refused.waitMs > 0 && refused.waitMs <= 300)
    const { failuresInRow, nextTryAtMs = 0, nowMs } = await replica.read(place)
    t.equal(failuresInRow, 2)
    t.ok(nextTryAtMs > nowMs && nextTryAtMs <= nowMs + 300)
    await passTime(305)
    t.match(await replica.beginLogin(place, startOf()), { begun: true, failuresInRow: 2 })
  })

  await t.test('force and a reset pass it, a success ends it', async (t) => {
    const place = newPlace()
    await failOnce(store, place, { delayMs: 60_000 })
    t.match(await store.beginLogin(place, startOf({ force: true })), { begun: true })
    t.match(await store.beginLogin(place, startOf()), { reason: 'backing_off' })
    await replica.resetLogins(place)
    t.match(await store.beginLogin(place, startOf()), { begun: true, failuresInRow: 0 })
    await failOnce(store, place, { delayMs: 60_000 })
    const forced = await begin(store, place, { force: true })
    await store.commitLogin(place, { ...forced, ...publication() })
    t.match(await store.beginLogin(place, startOf({ fromGeneration: 1 })), { begun: true, failuresInRow: 0 })
  })
}

async function abandoning(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('an abandoned login ends; before its permit the next begins at once', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    await store.abandonLogin(place, login)
    t.match((await replica.read(place)).attempt, { phase: 'abandoned', endedAtMs: Number })
    const permit = { fence: login.fence, durationMs: 1_000, budget }
    t.equal(await store.grantPermit(place, permit), 'fenced')
    t.equal(await store.commitLogin(place, { ...login, ...publication() }), 'fenced')
    t.match(await replica.beginLogin(place, startOf()), { begun: true })
  })

  await t.test('after its permit nobody begins before that is over, and it counts as failed', async (t) => {
    const place = newPlace()
    const login = await beginPermitted(store, place, { durationMs: 300 })
    await store.abandonLogin(place, login)
    t.match(await replica.beginLogin(place, startOf()), { reason: 'permit_outstanding' })
    await passTime(305)
    const tight = { loginsPerDay: 10, failedPerDay: 1 }
    t.match(await replica.beginLogin(place, startOf({ budget: tight })), { reason: 'budget_spent' })
    t.match(await replica.beginLogin(place, startOf()), { begun: true, failuresInRow: 0 })
  })

  await t.test('so it is after a failure that the site has not answered', async (t) => {
    const place = newPlace()
    const { fence } = await beginPermitted(store, place)
    const unanswered = { class: 'timeout_after_submit', detail: '' } as const
    await store.failLogin(place, reportOf(fence, { answered: false, failure: unanswered }))
    t.match(await replica.beginLogin(place, startOf({ force: true })), { reason: 'permit_outstanding' })
    t.match((await store.read(place)).attempt, { phase: 'failed', permitEndsAtMs: Number })
  })

  await t.test('who may not log in anyway is told so, and does not wait for a permit first', async (t) => {
    const failure = { class: 'timeout_after_submit', detail: '' } as const
    const unanswered = { answered: false, failure, delayMs: 30_000 }
    const place = newPlace()
    const { fence } = await beginPermitted(store, place)
    await store.failLogin(place, reportOf(fence, unanswered))
    t.match(await replica.beginLogin(place, startOf()), { reason: 'backing_off' })
    const locked = newPlace()
    const other = await beginPermitted(store, locked)
    const rejected = { answered: false, breaker: { credentialsTag: 'tag' } }
    await store.failLogin(locked, reportOf(other.fence, rejected))
    t.match(await replica.beginLogin(locked, startOf()), { reason: 'locked_out' })
    const mended = startOf({ credentialsTag: 'other' })
    t.match(await replica.beginLogin(locked, mended), { reason: 'permit_outstanding' })
  })

  await t.test('a login that was overtaken still says how its submission ended', async (t) => {
    const place = newPlace()
    const slow = await beginPermitted(store, place, { durationMs: 1 })
    await passTime(5)
    const quick = await begin(replica, place)
    await store.failLogin(place, reportOf(slow.fence, { delayMs: 60_000 }))
    const { submissions, breaker, attempt } = await store.read(place)
    t.match(submissions, [{ fence: slow.fence, outcome: 'failed' }])
    t.match({ breaker, attempt }, { breaker: undefined, attempt: { fence: quick.fence, phase: 'begun' } })
    t.equal(await store.commitLogin(place, { ...slow, ...publication() }), 'fenced')
    t.match((await store.read(place)).submissions, [{ outcome: 'accepted' }], 'the site had taken it')
  })
}

async function lives(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('of a generation that was seen to end, its life is kept', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    await passTime(20)
    await store.recordCheck(place, { generation: 1, verdict: 'signed_in' })
    const { stored } = await replica.read(place)
    const livedMs = (stored?.aliveAtMs ?? 0) - (stored?.obtainedAtMs ?? 0)
    t.ok(livedMs >= 20 && stored?.aliveAtMs === stored?.checkedAtMs)
    await passTime(20)
    await store.recordCheck(place, { generation: 1, verdict: 'signed_out' })
    t.equal((await store.read(place)).stored?.aliveAtMs, stored?.aliveAtMs)
    await logIn(replica, place)
    t.same((await store.read(place)).lifetimesMs, [livedMs])
    await logIn(store, place)
    t.same((await store.read(place)).lifetimesMs, [livedMs], 'one that was renewed alive says nothing')
    for (let generation = 3; generation < 9; generation++) {
      await store.recordCheck(place, { generation, verdict: 'signed_out' })
      await logIn(store, place)
    }
    const { lifetimesMs } = await replica.read(place)
    t.same(lifetimesMs, [0, 0, 0, 0, 0], 'of the last five, newest first')
  })

  await t.test('that a site rotates is remembered from then on', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const change = { generation: 1, verdict: 'signed_in', ...publication() } as const
    await store.writeRevision(place, { ...change, fromRevision: 0, rotated: false })
    t.equal((await replica.read(place)).rotates, false)
    await store.writeRevision(place, { ...change, fromRevision: 1, rotated: true, mark: 'another' })
    await logIn(replica, place)
    t.equal((await store.read(place)).rotates, true, 'of later generations, too')
  })
}
