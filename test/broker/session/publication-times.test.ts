import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorkerReport } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { sealingKey } from '../../../apps/broker/src/seal/sealing-key.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { notePublicationTimes } from '../../../apps/broker/src/session/publication-times.ts'
import { openSessionMirror } from '../../../apps/broker/src/session/session-mirror.ts'
import { createManualClock } from '../http/manual-clock.ts'
import { defineSession, silentLog, startOf } from './define-session.ts'

const definition = defineSession()
const state = { userAgent: 'Mozilla/5.0 test', cookies: [], origins: [] }
const check = { url: 'https://shop.example/', expect: { status: 200 }, in: 'http' } as const

/** A broker whose wall clock is days away from its store's, and whose monotonic clock knows neither. */
async function start(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'publication-times-test-'))
  const time = createManualClock()
  const aDayMs = 24 * 60 * 60_000
  const startMs = time.now()
  const store = openEmbeddedStore({ folder, now: () => time.now() - 3 * aDayMs })
  t.teardown(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  const sealer = createStateSealer({ keys: [sealingKey(randomBytes(32))] })
  const clock = { ...time, now: () => time.now() + aDayMs, monotonicMs: () => time.now() - startMs + 7 }
  /** Tells of no change by itself: each reading is the test's. */
  const silent: SessionStore = { ...store, watch: () => () => undefined }

  async function openBroker(answer: Partial<SessionStore> = {}) {
    const options = { definitions: [definition], store: { ...silent, ...answer }, sealer, clock }
    const mirror = await openSessionMirror({ ...options, log: silentLog })
    t.teardown(() => mirror.close())
    return { mirror, times: notePublicationTimes({ mirror, clock }) }
  }

  async function publish(): Promise<void> {
    const { generation: fromGeneration } = await store.read(definition)
    const login = { operationId: `shop.${fromGeneration + 1}`, fromGeneration }
    const begun = await store.beginLogin(definition, startOf(login))
    if (!begun.begun) throw new Error(begun.reason)
    await store.commitLogin(definition, {
      ...login,
      fence: begun.fence,
      ...publicationOf(fromGeneration + 1, 0),
    })
  }

  const publicationOf = (generation: number, revision: number) => ({
    mark: randomBytes(4).toString('hex'),
    sealed: sealer.seal({ state, check }, { session: 'shop', generation, revision }),
  })

  async function revise(generation: number, fromRevision: number): Promise<void> {
    await store.writeRevision(definition, {
      ...{ generation, fromRevision, verdict: 'signed_in', rotated: true },
      ...publicationOf(generation, fromRevision + 1),
    })
  }

  return { time, store, openBroker, publish, revise }
}

function applied(generation: number, agoMs: number, rest: Partial<WorkerReport> = {}): WorkerReport {
  return {
    ...{ session: 'shop', generation, revision: 0, outcome: 'applied', chrome: 'Chrome/156' },
    ...{ cause: 'published', appliedAgoMs: agoMs },
    ...rest,
  }
}

t.test('from the store’s word and durations alone, whatever the clocks of the servers say', async (t) => {
  const { time, openBroker, publish } = await start(t)
  await publish()
  time.advance(1_000)
  const { times } = await openBroker()
  time.advance(500)
  t.equal(await times.commitToAppliedMs(applied(1, 200)), 1_300)
})

t.test('a broker that was not told yet reads before it answers', async (t) => {
  const { time, openBroker, publish } = await start(t)
  await publish()
  const { times, mirror } = await openBroker()
  time.advance(60_000)
  await publish()
  time.advance(90)
  t.equal(mirror.get('shop').generation, 1)
  t.equal(await times.commitToAppliedMs(applied(2, 10)), 80)
})

t.test('each revision has a time of its own, and former ones are remembered', async (t) => {
  const { time, openBroker, publish, revise } = await start(t)
  await publish()
  const { times, mirror } = await openBroker()
  time.advance(10_000)
  await revise(1, 0)
  await mirror.reload('shop')
  time.advance(300)
  t.equal(await times.commitToAppliedMs(applied(1, 100, { revision: 1 })), 200)
  t.equal(await times.commitToAppliedMs(applied(1, 10_000)), 300)
})

t.test('half of the time that a reading took is taken for its way back', async (t) => {
  const { time, store, openBroker, publish } = await start(t)
  let slowMs = 0
  const { times, mirror } = await openBroker({
    async read(place) {
      time.advance(slowMs / 2)
      const snapshot = await store.read(place)
      time.advance(slowMs / 2)
      return snapshot
    },
  })
  await publish()
  slowMs = 40
  await mirror.reload('shop')
  t.equal(await times.commitToAppliedMs(applied(1, 0)), 40)
})

t.test('what nobody can know is not told', async (t) => {
  const { time, openBroker, publish } = await start(t)
  await publish()
  await publish()
  const { times } = await openBroker()
  time.advance(100)
  t.equal(await times.commitToAppliedMs(applied(2, 50)), 50)
  for (const [what, report] of [
    ['a version from before this broker’s time', applied(1, 50)],
    ['one that does not exist', applied(9, 50)],
    ['without how long ago', applied(2, 0, { appliedAgoMs: undefined } as object)],
    ['Chrome had just come', applied(2, 50, { cause: 'attached' })],
    ['once more', applied(2, 50, { cause: 'again' })],
  ] as const) {
    t.equal(await times.commitToAppliedMs(report), undefined, what)
  }
})
