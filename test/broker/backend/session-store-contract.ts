import type { Operation, WorkerStatus } from '@session-broker/shared'
import type { Test } from 'tap'
import { budget, startOf } from '../session/define-session.ts'
import { challengeParts } from './challenge-board-contract.ts'
import { historyParts } from './login-history-contract.ts'
import {
  begin,
  beginPermitted,
  logIn,
  newPlace,
  publication,
  reportOf,
  type StoreUnderTest,
} from './store-steps.ts'

/** What every backend promises, held against two replicas of it. */
export function sessionStoreContract(t: Test, start: (t: Test) => Promise<StoreUnderTest>): void {
  t.test('keeps the contract', async (t) => {
    const under = await start(t)
    for (const part of [
      publishing,
      fencing,
      permits,
      failing,
      changing,
      capturing,
      forgetting,
      operations,
      workers,
      writers,
      watching,
      racing,
      ...historyParts,
      ...challengeParts,
    ]) {
      await t.test(part.name, (t) => part(t, under))
    }
  })
}

async function publishing(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('what was never logged in has generation 0 and no state', async (t) => {
    const { nowMs, ...snapshot } = await store.read(newPlace())
    t.same(snapshot, {
      generation: 0,
      rotates: false,
      lifetimesMs: [],
      submissions: [],
      challengedAtMs: [],
      failuresInRow: 0,
    })
    t.ok(Number.isInteger(nowMs))
  })

  await t.test('a committed login is generation 1, as it was given, for every replica', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    const published = publication()
    t.equal(await store.commitLogin(place, { ...login, ...published }), 'committed')
    const { generation, stored, attempt, nowMs } = await replica.read(place)
    t.equal(generation, 1)
    t.match(stored, { generation: 1, revision: 0, verdict: 'signed_in', ...published })
    t.equal(stored?.operationId, login.operationId)
    t.equal(stored?.obtainedAtMs, stored?.checkedAtMs)
    t.equal(stored?.publishedAtMs, stored?.obtainedAtMs)
    t.ok((stored?.obtainedAtMs ?? 0) <= nowMs)
    t.match(attempt, { fence: login.fence, session: 'shop', phase: 'committed', endedAtMs: Number })
  })

  await t.test('each login counts the generation up by one', async (t) => {
    const place = newPlace()
    for (const generation of [1, 2, 3]) {
      await logIn(store, place)
      t.equal((await replica.read(place)).stored?.generation, generation)
    }
  })

  await t.test('asking for the same commit once more answers as the first time', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    const published = publication()
    await store.commitLogin(place, { ...login, ...published })
    t.equal(await store.commitLogin(place, { ...login, ...published }), 'committed')
    t.equal((await store.read(place)).generation, 1)
  })

  await t.test('sessions of one account have generations of their own', async (t) => {
    const shop = newPlace()
    const billing = { ...shop, session: 'billing' }
    await logIn(store, shop)
    t.equal((await store.read(billing)).generation, 0)
    t.equal((await store.read(billing)).attempt?.session, 'shop', 'and share their newest login')
  })
}

async function fencing(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('fences only grow', async (t) => {
    const place = newPlace()
    let last = 0
    for (const each of [store, replica, store, replica]) {
      const { fence } = await begin(each, place)
      t.ok(fence > last, 'above the one before')
      last = fence
    }
  })

  await t.test('fences grow across the sessions of an account', async (t) => {
    const shop = newPlace()
    const first = await begin(store, shop)
    const second = await begin(replica, { ...shop, session: 'billing' })
    t.ok(second.fence > first.fence)
    t.equal(await store.commitLogin(shop, { ...first, ...publication() }), 'fenced')
  })

  await t.test('beginning again with the same operation gives the same fence', async (t) => {
    const place = newPlace()
    const first = await begin(store, place)
    t.same(await begin(replica, place, first), first)
    await store.grantPermit(place, { fence: first.fence, durationMs: 60_000, budget })
    t.same(await begin(replica, place, first), first, 'with its permit in flight as well')
  })

  await t.test('a login without a permit is overtaken; what it commits changes nothing', async (t) => {
    const place = newPlace()
    const slow = await begin(store, place)
    const quick = await begin(replica, place)
    t.equal(await store.grantPermit(place, { fence: slow.fence, durationMs: 1_000, budget }), 'fenced')
    t.equal(await store.commitLogin(place, { ...slow, ...publication() }), 'fenced')
    t.equal((await store.read(place)).generation, 0)
    t.equal(await replica.commitLogin(place, { ...quick, ...publication() }), 'committed')
  })

  await t.test('an overtaken login is fenced after the other has committed, too', async (t) => {
    const place = newPlace()
    const slow = await begin(store, place)
    await logIn(replica, place, 'newer')
    t.equal(await store.commitLogin(place, { ...slow, ...publication('stale') }), 'fenced')
    t.equal((await store.read(place)).stored?.sealed, 'sb1.0.newer')
  })

  await t.test('a login that starts from an older generation is superseded', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const answer = await replica.beginLogin(place, startOf({ operationId: 'late' }))
    t.same(answer, { begun: false, reason: 'superseded' })
    const login = await begin(store, place, { fromGeneration: 1 })
    const stale = { ...login, fromGeneration: 0, ...publication() }
    t.equal(await store.commitLogin(place, stale), 'superseded')
    t.equal((await store.read(place)).generation, 1)
  })
}

async function permits(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('while a permit is in flight nobody begins, and each is told how long', async (t) => {
    const place = newPlace()
    const { fence } = await begin(store, place)
    t.equal(await store.grantPermit(place, { fence, durationMs: 400, budget }), 'granted')
    const other = { ...place, session: 'billing' }
    for (const each of [place, other]) {
      const answer = await replica.beginLogin(each, startOf())
      t.match(answer, { begun: false, reason: 'permit_outstanding' })
      const waitMs = 'waitMs' in answer ? answer.waitMs : 0
      t.ok(waitMs > 0 && waitMs <= 400, 'no longer than the permit')
    }
    await passTime(405)
    t.ok((await begin(replica, place)).fence > fence)
  })

  await t.test('a permit that was prolonged holds as long as the longest', async (t) => {
    const place = newPlace()
    const { fence } = await begin(store, place)
    await store.grantPermit(place, { fence, durationMs: 60_000, budget })
    await store.grantPermit(place, { fence, durationMs: 1, budget })
    await passTime(5)
    t.match(await begin(store, place).catch(String), /permit_outstanding/)
  })

  await t.test('whoever holds the newest fence may still commit after the permit', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    await store.grantPermit(place, { fence: login.fence, durationMs: 1, budget })
    await passTime(5)
    t.equal(await store.commitLogin(place, { ...login, ...publication() }), 'committed')
  })

  await t.test('a commit ends the permit', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    await store.grantPermit(place, { fence: login.fence, durationMs: 60_000, budget })
    await store.commitLogin(place, { ...login, ...publication() })
    t.ok((await begin(replica, place, { fromGeneration: 1 })).fence > login.fence)
    t.equal(await store.grantPermit(place, { fence: login.fence, durationMs: 1_000, budget }), 'fenced')
  })
}

async function failing(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('a failed login says why, ends its permit and can do nothing more', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    const { fence } = login
    await store.grantPermit(place, { fence, durationMs: 60_000, budget })
    await store.failLogin(place, reportOf(fence))
    t.match((await replica.read(place)).attempt, {
      fence,
      phase: 'failed',
      failure: { class: 'bad_credentials', detail: 'the site says no' },
      endedAtMs: Number,
    })
    t.equal(await store.grantPermit(place, { fence, durationMs: 1_000, budget }), 'fenced')
    t.equal(await store.commitLogin(place, { ...login, ...publication() }), 'fenced')
    const next = await begin(replica, place)
    t.ok(next.fence > fence)
    const { attempt } = await store.read(place)
    t.match(attempt, { phase: 'begun', fence: next.fence })
    t.notOk(attempt?.failure ?? attempt?.endedAtMs, 'of the earlier failure nothing is left')
  })

  await t.test('a failure of an overtaken login is nothing to the newest', async (t) => {
    const place = newPlace()
    const slow = await begin(store, place)
    const quick = await begin(replica, place)
    await replica.grantPermit(place, { fence: quick.fence, durationMs: 60_000, budget })
    await store.failLogin(place, reportOf(slow.fence))
    t.match((await store.read(place)).attempt, { fence: quick.fence, phase: 'permitted' })
    t.match(await begin(store, place).catch(String), /permit_outstanding/)
  })

  await t.test('a failure does not undo what its login committed, nor touch the state', async (t) => {
    const place = newPlace()
    const login = await begin(store, place)
    await store.commitLogin(place, { ...login, ...publication() })
    await store.failLogin(place, reportOf(login.fence))
    t.match(await store.read(place), { generation: 1, attempt: { phase: 'committed' } })
    const second = await begin(store, place, { fromGeneration: 1 })
    await store.failLogin(place, reportOf(second.fence))
    t.match(await store.read(place), { generation: 1, stored: { verdict: 'signed_in' } })
  })
}

async function changing(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('a check is noted for its own generation alone', async (t) => {
    const place = newPlace()
    t.equal(await store.recordCheck(place, { generation: 0, verdict: 'signed_out' }), false, 'nothing there')
    await logIn(store, place)
    const { stored: before } = await store.read(place)
    await passTime(5)
    t.equal(await store.recordCheck(place, { generation: 1, verdict: 'signed_out' }), true)
    const { stored: after } = await replica.read(place)
    t.same({ ...after, checkedAtMs: 0 }, { ...before, verdict: 'signed_out', checkedAtMs: 0 })
    t.ok((after?.checkedAtMs ?? 0) > (before?.checkedAtMs ?? 0))
    await logIn(store, place)
    for (const generation of [1, 3]) {
      t.equal(await store.recordCheck(place, { generation, verdict: 'signed_out' }), false)
    }
    t.equal((await store.read(place)).stored?.verdict, 'signed_in')
  })

  await t.test('a revision is written by the first who comes from the newest', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const from = { generation: 1, fromRevision: 0, verdict: 'signed_in', rotated: false } as const
    const first = { ...from, ...publication('first') }
    t.equal(await store.writeRevision(place, first), true)
    t.equal(await replica.writeRevision(place, { ...from, ...publication('second') }), false)
    t.equal(await replica.writeRevision(place, first), true, 'asking once more answers the same')
    const { sealed, mark } = first
    t.match((await store.read(place)).stored, { generation: 1, revision: 1, sealed, mark })
    t.equal(await store.writeRevision(place, { ...from, fromRevision: 2, ...publication() }), false)
    await logIn(store, place)
    for (const fromRevision of [0, 1]) {
      t.equal(await store.writeRevision(place, { ...from, fromRevision, ...publication() }), false)
    }
    t.match((await store.read(place)).stored, { generation: 2, revision: 0 })
  })

  await t.test('a revision leaves when the state was obtained, and by whom', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const { stored: before } = await store.read(place)
    await passTime(5)
    const change = { generation: 1, fromRevision: 0, verdict: 'unclear', rotated: false } as const
    await store.writeRevision(place, { ...change, ...publication() })
    const { stored: after } = await store.read(place)
    t.equal(after?.obtainedAtMs, before?.obtainedAtMs)
    t.equal(after?.operationId, before?.operationId)
    t.equal(after?.verdict, 'unclear')
    t.ok((after?.checkedAtMs ?? 0) > (before?.checkedAtMs ?? 0))
    t.equal(after?.publishedAtMs, after?.checkedAtMs)
    await passTime(5)
    await store.recordCheck(place, { generation: 1, verdict: 'signed_in' })
    t.equal(
      (await replica.read(place)).stored?.publishedAtMs,
      after?.publishedAtMs,
      'a check publishes nothing',
    )
  })
}

async function capturing(t: Test, { store, replica }: StoreUnderTest) {
  const captureOf = (text: string, fromGeneration = 0) => ({
    operationId: `capture-${text}`,
    fromGeneration,
    ...publication(text),
  })

  await t.test('a first capture is generation 1, for every replica, and can be asked again', async (t) => {
    const place = newPlace()
    const capture = captureOf('by-hand')
    t.equal(await store.publishCapture(place, capture), 'committed')
    t.equal(await replica.publishCapture(place, capture), 'committed', 'asking once more answers the same')
    const { generation, stored, attempt } = await replica.read(place)
    const { mark, sealed, operationId } = capture
    t.equal(generation, 1)
    t.match(stored, { generation: 1, revision: 0, verdict: 'signed_in', mark, sealed, operationId })
    t.equal(stored?.obtainedAtMs, stored?.aliveAtMs)
    t.equal(attempt, undefined, 'it is no login')
  })

  await t.test('it takes the place of exactly the state that it names', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const first = (await store.read(place)).stored
    const replaces = { revision: 0, mark: first?.mark ?? '' }
    const late = captureOf('late', 1)
    for (const wrong of [undefined, { ...replaces, mark: 'other' }, { ...replaces, revision: 1 }])
      t.equal(await store.publishCapture(place, { ...late, replaces: wrong }), 'superseded')
    t.equal(await store.publishCapture(place, { ...late, fromGeneration: 0, replaces }), 'superseded')
    const change = { generation: 1, fromRevision: 0, verdict: 'signed_in', rotated: false } as const
    const revised = publication('revised')
    await replica.writeRevision(place, { ...change, ...revised })
    t.equal(await store.publishCapture(place, { ...late, replaces }), 'superseded', 'a revision came first')
    t.same((await store.read(place)).stored?.sealed, revised.sealed)
    const newer = { ...captureOf('newer', 1), replaces: { revision: 1, mark: revised.mark } }
    t.equal(await store.publishCapture(place, newer), 'committed')
    t.match((await replica.read(place)).stored, { generation: 2, revision: 0, sealed: newer.sealed })
  })

  await t.test('it overtakes a login that runs, whose commit then ends it and its permit', async (t) => {
    const place = newPlace()
    const login = await beginPermitted(store, place)
    t.equal(await replica.publishCapture(place, captureOf('by-hand')), 'committed', 'during the permit')
    t.match((await store.read(place)).attempt, { phase: 'permitted' }, 'which goes on')
    t.equal(await store.commitLogin(place, { ...login, ...publication('late') }), 'superseded')
    const { stored, attempt, submissions } = await replica.read(place)
    t.match(stored, { generation: 1, sealed: 'sb1.0.by-hand' })
    t.match(attempt, { phase: 'abandoned', endedAtMs: Number })
    t.equal(attempt?.permitEndsAtMs, undefined)
    t.match(submissions, [{ fence: login.fence, outcome: 'accepted' }])
    t.ok((await begin(replica, place, { fromGeneration: 1 })).fence > login.fence, 'the next need not wait')
  })

  await t.test('a login that was committed first leaves nothing to an older capture', async (t) => {
    const place = newPlace()
    await logIn(replica, place)
    t.equal(await store.publishCapture(place, captureOf('late')), 'superseded')
    t.match((await store.read(place)).stored, { generation: 1, sealed: 'sb1.0.sealed' })
  })

  await t.test('it ends the back-off, and leaves a breaker open', async (t) => {
    const place = newPlace()
    const first = await beginPermitted(store, place)
    await store.failLogin(place, reportOf(first.fence, { delayMs: 60_000 }))
    await store.publishCapture(place, captureOf('one'))
    const { failuresInRow, nextTryAtMs, breaker } = await replica.read(place)
    t.same(
      { failuresInRow, nextTryAtMs, breaker },
      { failuresInRow: 0, nextTryAtMs: undefined, breaker: undefined },
    )
    const second = await beginPermitted(store, place, { fromGeneration: 1 })
    await store.failLogin(
      place,
      reportOf(second.fence, { delayMs: 60_000, breaker: { credentialsTag: 'tag' } }),
    )
    const { stored } = await store.read(place)
    const replaces = { revision: 0, mark: stored?.mark ?? '' }
    t.equal(await store.publishCapture(place, { ...captureOf('two', 1), replaces }), 'committed')
    const after = await replica.read(place)
    t.match(after, { failuresInRow: 0, breaker: { class: 'bad_credentials', credentialsTag: 'tag' } })
    t.equal(after.nextTryAtMs, undefined)
    const answer = await store.beginLogin(place, startOf({ fromGeneration: 2 }))
    t.same(answer, { begun: false, reason: 'locked_out' }, 'the rejected secret is not sent again')
  })

  await t.test('how long the generation that it ends has lived is remembered', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    await store.recordCheck(place, { generation: 1, verdict: 'signed_out' })
    const replaces = { revision: 0, mark: (await store.read(place)).stored?.mark ?? '' }
    await store.publishCapture(place, { ...captureOf('by-hand', 1), replaces })
    t.equal((await replica.read(place)).lifetimesMs.length, 1)
  })
}

async function forgetting(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('a forgotten session has no state and keeps its counter', async (t) => {
    const place = newPlace()
    t.equal(await store.forgetSession(place, { generation: 0 }), 'absent')
    await logIn(store, place)
    t.equal(await store.forgetSession(place, { generation: 0 }), 'superseded')
    t.equal(await store.forgetSession(place, { generation: 1 }), 'forgotten')
    t.equal(await replica.forgetSession(place, { generation: 1 }), 'absent', 'once')
    const { generation, stored } = await replica.read(place)
    t.same({ generation, stored }, { generation: 1, stored: undefined })
  })

  await t.test(
    'what is said of a forgotten state changes nothing, and the next one is a new generation',
    async (t) => {
      const place = newPlace()
      await logIn(store, place)
      await store.forgetSession(place, { generation: 1 })
      t.equal(await store.recordCheck(place, { generation: 1, verdict: 'signed_in' }), false)
      const change = { generation: 1, fromRevision: 0, verdict: 'signed_in', rotated: false } as const
      t.equal(await store.writeRevision(place, { ...change, ...publication() }), false)
      t.equal((await store.read(place)).stored, undefined)
      const capture = { operationId: 'capture', fromGeneration: 1, ...publication() }
      const stale = { ...capture, replaces: { revision: 0, mark: 'forgotten' } }
      t.equal(await store.publishCapture(place, stale), 'superseded')
      t.equal(await store.publishCapture(place, capture), 'committed')
      await store.forgetSession(place, { generation: 2 })
      t.equal(await logIn(store, place), 'committed')
      t.match((await replica.read(place)).stored, { generation: 3, revision: 0 })
    },
  )

  await t.test('a login that runs meanwhile publishes the next generation', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const login = await begin(store, place, { fromGeneration: 1 })
    await replica.forgetSession(place, { generation: 1 })
    t.equal(await store.commitLogin(place, { ...login, ...publication() }), 'committed')
    t.match((await replica.read(place)).stored, { generation: 2 })
  })
}

async function operations(t: Test, { store, replica, passTime }: StoreUnderTest) {
  const running = (id: string): Operation => ({
    id,
    session: 'shop',
    status: 'running',
    startedAt: '2026-11-24T00:00:00.000Z',
  })

  await t.test('an operation is kept for all replicas, and the later word counts', async (t) => {
    const place = newPlace()
    const record = { operation: running('shop.1'), endsByMs: 42 }
    await store.saveOperation(place, record, 60_000)
    t.same(await replica.readOperation(place, 'shop.1'), record)
    const result = { session: 'shop', generation: 1, revision: 0, outcome: 'renewed' } as const
    const ended = { ...record, operation: { ...record.operation, status: 'succeeded' as const, result } }
    await store.saveOperation(place, ended, 60_000)
    t.same(await replica.readOperation(place, 'shop.1'), ended)
    t.equal(await store.readOperation(place, 'shop.2'), undefined)
    t.equal(await store.readOperation(newPlace(), 'shop.1'), undefined)
  })

  await t.test('an operation is forgotten after its time', async (t) => {
    const place = newPlace()
    await store.saveOperation(place, { operation: running('shop.1'), endsByMs: 42 }, 100)
    await passTime(105)
    t.equal(await store.readOperation(place, 'shop.1'), undefined)
  })
}

async function workers(t: Test, { store, replica }: StoreUnderTest) {
  const report = (id: string, generation: number): WorkerStatus => ({
    id,
    session: 'shop',
    generation,
    revision: 0,
    outcome: 'applied',
    chrome: 'Chrome/156',
    reportedAt: new Date().toISOString(),
  })

  await t.test('of each worker the last report is kept, session by session', async (t) => {
    const place = newPlace()
    t.same(await store.list(place), [])
    await store.save(place, report('b', 1))
    await store.save(place, report('a', 1))
    const last = report('b', 2)
    await replica.save(place, last)
    const listed = await store.list(place)
    t.same(
      listed.map(({ id }) => id),
      ['a', 'b'],
    )
    t.same(listed[1], last)
    t.same(await store.list({ ...place, session: 'billing' }), [])
  })

  const timed = (id: string, generation: number, revision = 0): WorkerStatus => ({
    ...report(id, generation),
    revision,
    commitToAppliedMs: 80,
  })

  await t.test('how long a version took to a worker is told once', async (t) => {
    const place = newPlace()
    t.equal(await store.save(place, report('a', 1)), false, 'where it is not told')
    t.equal(await store.save(place, timed('a', 1)), true)
    t.equal(await replica.save(place, timed('a', 1)), false, 'sent again to another replica')
    t.equal(await store.save(place, timed('b', 1)), true, 'by another worker')
    t.equal(await store.save({ ...place, session: 'billing' }, timed('a', 1)), true, 'of another session')
    t.equal(await store.save(place, timed('a', 1, 1)), true, 'a revision')
    t.equal(await store.save(place, timed('a', 3)), true)
    await store.save(place, report('a', 3))
    for (const late of [timed('a', 3), timed('a', 2), timed('a', 1, 1)]) {
      t.equal(await replica.save(place, late), false, 'late, after others')
    }
  })

  await t.test('of 50 who tell of one version at once, one is the first', async (t) => {
    const place = newPlace()
    for (const generation of [1, 2, 3]) {
      const first = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          (index % 2 ? store : replica).save(place, timed('a', generation)),
        ),
      )
      t.equal(first.filter(Boolean).length, 1)
    }
  })
}

async function writers(t: Test, { store, replica, passTime }: StoreUnderTest) {
  const holdMs = 30_000

  await t.test('the first who asks is the writer, and stays it while it asks', async (t) => {
    const place = newPlace()
    const lease = await store.claimWriter(place, { worker: 'one', holdMs })
    const { nowMs } = await store.read(place)
    t.equal(lease.worker, 'one')
    t.ok(lease.endsAtMs > nowMs && lease.endsAtMs <= nowMs + holdMs, 'by the store’s clock')
    t.same(await replica.claimWriter(place, { worker: 'two', holdMs }), lease, 'another is told whose it is')
    const again = await replica.claimWriter(place, { worker: 'one', holdMs })
    t.equal(again.worker, 'one')
    t.ok(again.endsAtMs >= lease.endsAtMs)
  })

  await t.test('one that asks no more is followed by another once its time is over', async (t) => {
    const place = newPlace()
    await store.claimWriter(place, { worker: 'one', holdMs: 300 })
    t.equal((await replica.claimWriter(place, { worker: 'two', holdMs })).worker, 'one')
    await passTime(301)
    t.equal((await replica.claimWriter(place, { worker: 'two', holdMs })).worker, 'two')
    t.equal((await store.claimWriter(place, { worker: 'one', holdMs })).worker, 'two')
  })

  await t.test('released, it is free at once; by another, it is not', async (t) => {
    const place = newPlace()
    t.equal(await store.releaseWriter(place, { worker: 'one' }), undefined, 'nobody had it')
    const lease = await store.claimWriter(place, { worker: 'one', holdMs })
    t.same(await replica.releaseWriter(place, { worker: 'two' }), lease)
    t.equal((await store.claimWriter(place, { worker: 'two', holdMs })).worker, 'one')
    t.equal(await replica.releaseWriter(place, { worker: 'one' }), undefined)
    t.equal((await store.claimWriter(place, { worker: 'two', holdMs })).worker, 'two')
  })

  await t.test('of many who ask at once all are told the same one', async (t) => {
    const place = newPlace()
    const leases = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? store : replica).claimWriter(place, { worker: `w${index}`, holdMs }),
      ),
    )
    t.equal(new Set(leases.map(({ worker }) => worker)).size, 1)
  })

  await t.test('each session has its own', async (t) => {
    const shop = newPlace()
    await store.claimWriter(shop, { worker: 'one', holdMs })
    const billing = { ...shop, session: 'billing' }
    t.equal((await store.claimWriter(billing, { worker: 'two', holdMs })).worker, 'two')
    t.equal((await store.claimWriter(newPlace(), { worker: 'three', holdMs })).worker, 'three')
  })
}

async function watching(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('every change is told to every replica, by its name alone', async (t) => {
    const place = newPlace(`watched-${process.pid}`)
    const heard: (string | undefined)[] = []
    const unwatch = replica.watch((session) => heard.push(session))
    const nextCount = async (count: number) => {
      const deadline = Date.now() + 60_000
      while (heard.length < count && Date.now() < deadline) await new Promise((done) => setTimeout(done, 2))
      return heard.length
    }
    const login = await begin(store, place)
    t.equal(await nextCount(1), 1, 'begun')
    await store.grantPermit(place, { fence: login.fence, durationMs: 1_000, budget })
    t.equal(await nextCount(2), 2, 'permitted')
    await store.commitLogin(place, { ...login, ...publication() })
    t.equal(await nextCount(3), 3, 'committed')
    await store.recordCheck(place, { generation: 1, verdict: 'signed_out' })
    t.equal(await nextCount(4), 4, 'checked')
    const change = { generation: 1, fromRevision: 0, verdict: 'signed_in', rotated: false } as const
    await store.writeRevision(place, { ...change, ...publication() })
    t.equal(await nextCount(5), 5, 'revised')
    const second = await begin(store, place, { fromGeneration: 1 })
    await store.failLogin(place, reportOf(second.fence))
    t.equal(await nextCount(7), 7, 'begun and failed')
    const replaces = { revision: 1, mark: (await store.read(place)).stored?.mark ?? '' }
    await store.publishCapture(place, { operationId: 'o', fromGeneration: 1, replaces, ...publication() })
    t.equal(await nextCount(8), 8, 'captured')
    await store.forgetSession(place, { generation: 2 })
    t.equal(await nextCount(9), 9, 'forgotten')
    t.same(new Set(heard), new Set([place.session]))
    unwatch()
    await logIn(store, place)
    await store.ping()
    t.equal(heard.length, 9, 'nothing after it ended')
  })

  await t.test('a listener that throws does not fail the write', async (t) => {
    const mistake = new Error('a listener made a mistake')
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
    // News of earlier tests may still be on their way.
    const place = newPlace(`mistaken-${process.pid}`)
    const unwatch = replica.watch((session) => {
      if (session === place.session) throw mistake
    })
    await t.resolves(begin(store, place))
    t.equal(await thrown, mistake)
    unwatch()
  })
}

async function racing(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('of 50 logins at once exactly one is committed, generation by generation', async (t) => {
    const place = newPlace()
    for (const generation of [1, 2, 3]) {
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const each = index % 2 ? store : replica
          const operationId = `${generation}-${index}`
          const answer = await each.beginLogin(
            place,
            startOf({ operationId, fromGeneration: generation - 1 }),
          )
          if (!answer.begun) return answer.reason
          const { fence } = answer
          const login = { fence, operationId, fromGeneration: generation - 1 }
          return each.commitLogin(place, { ...login, ...publication(operationId) })
        }),
      )
      t.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1)
      t.equal((await store.read(place)).generation, generation)
    }
  })

  await t.test('of 50 captures at once, and a login, exactly one is published', async (t) => {
    const place = newPlace()
    for (const fromGeneration of [0, 1, 2]) {
      const { stored } = await store.read(place)
      const replaces = stored && { revision: stored.revision, mark: stored.mark }
      const login = await begin(store, place, { fromGeneration })
      const outcomes = await Promise.all(
        Array.from({ length: 51 }, (_, index) => {
          const each = index % 2 ? store : replica
          if (index === 25) return each.commitLogin(place, { ...login, ...publication('login') })
          const capture = { operationId: `${fromGeneration}-${index}`, fromGeneration, replaces }
          return each.publishCapture(place, { ...capture, ...publication(String(index)) })
        }),
      )
      t.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1)
      t.equal(outcomes.filter((outcome) => outcome === 'superseded').length, 50)
      t.equal((await store.read(place)).generation, fromGeneration + 1)
    }
  })

  await t.test('of 50 revisions at once exactly one is written', async (t) => {
    const place = newPlace()
    await logIn(store, place)
    const written = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 ? store : replica).writeRevision(place, {
          generation: 1,
          fromRevision: 0,
          verdict: 'signed_in',
          rotated: false,
          ...publication(String(index)),
        }),
      ),
    )
    t.equal(written.filter(Boolean).length, 1)
  })
}
