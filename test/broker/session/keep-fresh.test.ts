import { type Cookie, ProblemError, type RefreshResult } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type { RefreshOrder } from '../../../apps/broker/src/session/join-refresh.ts'
import { keepFresh } from '../../../apps/broker/src/session/keep-fresh.ts'
import { planUpkeep } from '../../../apps/broker/src/session/plan-upkeep.ts'
import type { Snapshot } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { Upkeep } from '../../../apps/broker/src/session/session-definition.ts'
import type { MirroredSession, SessionMirror } from '../../../apps/broker/src/session/session-mirror.ts'
import { until } from '../http/build-test-server.ts'
import { createManualClock } from '../http/manual-clock.ts'
import { defineSession, sealedState } from './define-session.ts'

const minute = 60_000
const startMs = Date.UTC(2026, 0, 1)
const check = { url: 'https://shop.example/', expect: { status: 200 }, in: 'http' } as const

interface Life {
  upkeep?: Upkeep
  /** After the start. */
  obtainedMs?: number
  checkedMs?: number
  expiresMs?: number
  snapshot?: Partial<Snapshot>
  verdict?: 'signed_in' | 'signed_out'
  writeBack?: boolean
}

/** A session as the broker remembers it. */
function session(life: Life = {}): MirroredSession {
  const { obtainedMs = 0, checkedMs = obtainedMs, expiresMs, verdict = 'signed_in' } = life
  const cookie: Cookie = {
    ...{ name: 'sid', value: 'x', domain: 'shop.example', path: '/', secure: true, httpOnly: true },
    expires: expiresMs === undefined ? -1 : (startMs + expiresMs) / 1000,
  }
  const stored = {
    ...{ generation: 1, revision: 0, mark: 'a', operationId: 'shop.1', sealed: sealedState, verdict },
    obtainedAtMs: startMs + obtainedMs,
    checkedAtMs: startMs + checkedMs,
    aliveAtMs: startMs + checkedMs,
  }
  return {
    definition: defineSession({
      upkeep: life.upkeep ?? { checkEveryMs: 5 * minute, renewBeforeMs: 10 * minute },
      writeBack: life.writeBack ?? false,
    }),
    snapshot: {
      ...{
        generation: 1,
        stored,
        rotates: false,
        lifetimesMs: [],
        submissions: [],
        challengedAtMs: [],
        failuresInRow: 0,
      },
      nowMs: startMs,
      ...life.snapshot,
    },
    content: { check, state: { userAgent: 'x', cookies: [cookie], origins: [] } },
    ...{ status: 'live', generation: 1, revision: 0, version: '1.0-a', readAtMs: startMs },
  }
}

function planOf(life: Life, chance = 0.5) {
  return planUpkeep(session(life), chance).map(({ what, dueMs }) => [what, (dueMs - startMs) / minute])
}

t.test('a session is checked at its interval, each replica at another moment', async (t) => {
  t.same(planOf({ checkedMs: 10 * minute }), [['check', 15]])
  t.same(planOf({}, 0), [['check', 4.5]])
  t.same(
    planOf({}, 0.999_999).map(([, due]) => Math.round(Number(due) * 100)),
    [550],
  )
  t.same(planOf({ upkeep: { renewBeforeMs: minute } }), [], 'never')
})

t.test('it is renewed before it ends, and at its age', async (t) => {
  const upkeep = { renewBeforeMs: 10 * minute, maxAgeMs: 720 * minute }
  t.same(planOf({ upkeep, expiresMs: 60 * minute }), [
    ['renewal', 50],
    ['renewal', 720],
  ])
  t.same(planOf({ upkeep, expiresMs: 29 * minute }), [['renewal', 720]], 'too short a life to run ahead of')
})

t.test('a session that rotates is not checked, and still renewed', async (t) => {
  const snapshot = { rotates: true }
  t.same(planOf({ snapshot, expiresMs: 60 * minute }), [['renewal', 50]])
  t.same(planOf({ snapshot, writeBack: true }), [['check', 5]], 'but where Chromes write back')
})

t.test('what has never been logged in, or was forgotten, is left alone', async (t) => {
  const { stored: _, ...forgotten } = session().snapshot
  t.same(planUpkeep({ ...session(), snapshot: forgotten }, 0.5), [])
})

t.test('a dead one is tried again as soon as its back-off allows', async (t) => {
  const snapshot = { nextTryAtMs: startMs + 2 * minute, failuresInRow: 1 }
  t.same(planOf({ verdict: 'signed_out', snapshot }), [['check', 2]])
  t.same(planOf({ snapshot }), [['check', 5]], 'one that lives waits for its interval')
})

/** One replica's upkeep over sessions and refreshes that the test plays. */
function keep(t: Test, first: MirroredSession) {
  const clock = createManualClock(startMs)
  const orders: RefreshOrder[] = []
  let known = first
  let answer: () => Promise<RefreshResult> = () => Promise.reject(new Error('not yet said'))
  const told = new Set<() => void>()
  const mirror: Pick<SessionMirror, 'names' | 'get' | 'waitUntil'> = {
    names: () => ['shop'],
    get: () => known,
    waitUntil: (_name, fits, signal) =>
      new Promise((resolve) => {
        const look = () => fits(known) && resolve(known)
        told.add(look)
        signal.addEventListener('abort', () => resolve(undefined), { once: true })
      }),
  }
  const stopping = new AbortController()
  const refresher = {
    async refresh(order: RefreshOrder) {
      orders.push(order)
      return { operationId: 'shop.2', result: answer() }
    },
  }
  const ended = keepFresh({ mirror: mirror as SessionMirror, refresher, clock, stopping: stopping.signal })
  t.teardown(() => {
    stopping.abort()
    return ended
  })
  return {
    ...{ clock, orders, stopping, ended },
    answers: (next: typeof answer) => {
      answer = next
    },
    become(next: MirroredSession) {
      known = next
      for (const look of told) look()
    },
  }
}

/** Long enough for all that needs no time. */
const turn = () => new Promise((done) => setTimeout(done, 5))

t.test('upkeep asks for a check when it is due, and plans on from what came of it', async (t) => {
  const { clock, orders, answers, become } = keep(t, session())
  await until(() => clock.waiting() > 0)
  clock.advance(4 * minute)
  await turn()
  t.same(orders, [])
  answers(async () => {
    become(session({ checkedMs: 5 * minute, snapshot: { nowMs: startMs } }))
    return { session: 'shop', generation: 1, revision: 0, outcome: 'alive' }
  })
  clock.advance(minute)
  await until(() => orders.length === 1)
  t.same(orders, [{ session: 'shop', generation: 1, cause: 'scheduled_check' }])
  await turn()
  clock.advance(4 * minute)
  await turn()
  t.equal(orders.length, 1)
  clock.advance(minute)
  await until(() => orders.length === 2)
})

t.test('a check that another replica has made moves the plan', async (t) => {
  const { clock, orders, become } = keep(t, session())
  await until(() => clock.waiting() > 0)
  clock.advance(4 * minute)
  become(session({ checkedMs: 4 * minute, snapshot: { nowMs: startMs } }))
  await turn()
  clock.advance(4 * minute)
  await turn()
  t.same(orders, [])
})

t.test('what fails is left alone for as long as it says, otherwise for a minute', async (t) => {
  const { clock, orders, answers } = keep(t, session())
  await until(() => clock.waiting() > 0)
  answers(() => Promise.reject(new ProblemError('login_budget_spent', '', { retryAfterSeconds: 3_600 })))
  clock.advance(5 * minute)
  await until(() => orders.length === 1)
  await turn()
  answers(() => Promise.reject(new ProblemError('check_unclear', '')))
  clock.advance(59 * minute)
  await turn()
  t.equal(orders.length, 1)
  clock.advance(16 * minute)
  await until(() => orders.length === 2)
  await turn()
  clock.advance(minute / 2)
  await turn()
  t.equal(orders.length, 2)
  clock.advance(minute)
  await until(() => orders.length === 3)
})

t.test('a renewal that is refused does not hold up the checks', async (t) => {
  const upkeep = { checkEveryMs: 5 * minute, renewBeforeMs: 10 * minute, maxAgeMs: minute }
  const { clock, orders, answers } = keep(t, session({ upkeep }))
  await until(() => clock.waiting() > 0)
  answers(() => Promise.reject(new ProblemError('login_budget_spent', '', { retryAfterSeconds: 3_600 })))
  clock.advance(minute)
  await until(() => orders.length === 1)
  t.equal(orders[0]?.cause, 'scheduled_renewal')
  await turn()
  clock.advance(4 * minute)
  await until(() => orders.length === 2)
  t.equal(orders[1]?.cause, 'scheduled_check')
})

t.test('it ends when the broker stops', async (t) => {
  const { clock, stopping, ended, orders } = keep(t, session())
  await until(() => clock.waiting() > 0)
  stopping.abort()
  await ended
  t.equal(clock.waiting(), 0)
  t.same(orders, [])
})
