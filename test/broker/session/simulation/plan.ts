import fc from 'fast-check'
import type { LoginBudget } from '../../../../apps/broker/src/session/login-history.ts'
import { type Fate, moments } from './simulated-process.ts'
import type { SiteAnswer } from './simulated-site.ts'
import type { StoreFault } from './simulated-store.ts'

/** What is done to the brokers from outside, one after the other; nobody waits for a refresh before the next. */
export type Action =
  | { kind: 'refresh'; broker: number; session: number; isForced: boolean; isSeen: boolean }
  | { kind: 'pause'; ms: number }
  | { kind: 'end sessions' }
  | { kind: 'change secret' }
  | { kind: 'reset' }
  /** A person signs in by hand, and what they have then is handed in. */
  | { kind: 'capture'; broker: number; session: number; afterMs: number }
  /** A Chrome has made something of the newest revision that the broker knows, and hands it in. */
  | { kind: 'write back'; broker: number; session: number; afterMs: number }
  /** Logins of other accounts take the broker's only slot. */
  | { kind: 'occupy'; broker: number; ms: number }
  /** The broker is told to stop, and has no time left for what runs. */
  | { kind: 'stop'; broker: number }

/** All that happens in one run, but for the interleaving. */
export interface Plan {
  brokers: number
  sessions: number
  /** The mutex gives the lock to everybody who asks. */
  isMutexBroken: boolean
  /** The brokers keep the sessions fresh by themselves. */
  hasUpkeep: boolean
  prolongs: boolean
  looksIn: 'http' | 'browser'
  budget: LoginBudget
  answers: SiteAnswer[]
  unclearLooks: number[]
  /** Of all calls of all brokers: which one goes wrong, and how. */
  storeFaults: { call: number; fault: StoreFault }[]
  /** The last broker never dies, nor is it stopped. */
  fates: (Fate & { broker: number })[]
  chances: number[]
  actions: Action[]
}

const answer = fc.record<SiteAnswer>({
  kind: fc.constantFrom('ok', 'ok', 'ok', 'rejected', 'down', 'slow', 'error'),
  openMs: fc.constantFrom(100, 3_000),
  answerMs: fc.constantFrom(100, 900, 6_000),
})

const refresh = fc.record({
  kind: fc.constant('refresh' as const),
  broker: fc.nat(2),
  session: fc.nat(1),
  isForced: rarely(8),
  isSeen: rarely(2),
})

/** Two who want the same soon after each other, mostly of different brokers, and mostly after their session has ended. */
const race: fc.Arbitrary<Action[]> = fc
  .record({ first: refresh, ms: fc.constantFrom(1, 500, 2_000), next: fc.nat(2), isDead: fc.nat(3) })
  .map(({ first, ms, next, isDead }) => [
    ...(isDead > 0 ? [{ kind: 'end sessions' } as const] : []),
    first,
    { kind: 'pause', ms },
    { ...first, broker: next },
  ])

const handedIn = <Kind extends 'capture' | 'write back'>(kind: Kind) =>
  fc.record({
    ...{ kind: fc.constant(kind), broker: fc.nat(2), session: fc.nat(1) },
    afterMs: fc.constantFrom(0, 0, 300, 5_000),
  })

const forced = refresh.map((one) => ({ ...one, isForced: true }))

/** After a login, two who hand something in soon after each other, or one while somebody else refreshes. */
const handover: fc.Arbitrary<Action[]> = fc
  .record({
    first: refresh,
    handsIn: fc.oneof(handedIn('capture'), { arbitrary: handedIn('write back'), weight: 2 }),
    ms: fc.constantFrom(1, 20, 300, 2_000),
    next: fc.oneof(refresh, forced, handedIn('capture'), handedIn('write back')),
    pauseMs: fc.constantFrom(5_000, 12_000),
  })
  .map(({ first, handsIn, ms, next, pauseMs }) => [
    first,
    { kind: 'pause', ms: pauseMs },
    { ...handsIn, session: first.session },
    { kind: 'pause', ms },
    { ...next, session: first.session },
  ])

const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: refresh, weight: 8 },
  {
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      ms: fc.constantFrom(10, 1_000, 5_000, 12_000, 18_000, 70_000, 3_700_000, 40_000_000),
    }),
    weight: 4,
  },
  { arbitrary: fc.constant({ kind: 'end sessions' as const }), weight: 3 },
  { arbitrary: fc.constant({ kind: 'change secret' as const }), weight: 1 },
  { arbitrary: fc.constant({ kind: 'reset' as const }), weight: 1 },
  { arbitrary: handedIn('capture'), weight: 2 },
  { arbitrary: handedIn('write back'), weight: 3 },
  {
    arbitrary: fc.record({
      ...{ kind: fc.constant('occupy' as const), broker: fc.nat(2) },
      ms: fc.constantFrom(5_000, 90_000),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('stop' as const), broker: fc.nat(1) }),
    weight: 1,
  },
)

export const plan: fc.Arbitrary<Plan> = fc.record({
  brokers: fc.integer({ min: 2, max: 3 }),
  sessions: fc.integer({ min: 1, max: 2 }),
  isMutexBroken: fc.boolean(),
  hasUpkeep: rarely(4),
  prolongs: fc.boolean(),
  looksIn: fc.constantFrom('http', 'browser'),
  budget: fc.record({
    loginsPerDay: fc.integer({ min: 2, max: 6 }),
    failedPerDay: fc.integer({ min: 1, max: 3 }),
  }),
  answers: fc.array(answer, { maxLength: 6 }),
  unclearLooks: fc.array(fc.nat(6), { maxLength: 2 }),
  storeFaults: fc.array(
    fc.record({ call: fc.nat(60), fault: fc.constantFrom('unsent' as const, 'unanswered' as const) }),
    { maxLength: 3 },
  ),
  fates: fc.array(
    fc.record({
      ...{ broker: fc.nat(2), moment: fc.constantFrom(...moments), after: fc.nat(1) },
      outcome: fc.constantFrom(3_000, 18_000, 18_000, 40_000, 'dies' as const),
    }),
    { maxLength: 4 },
  ),
  chances: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: 1,
    maxLength: 4,
  }),
  actions: fc
    .array(
      fc.oneof(
        { arbitrary: race, weight: 2 },
        { arbitrary: handover, weight: 2 },
        { arbitrary: action.map((one) => [one]), weight: 3 },
      ),
      {
        ...{ minLength: 1, maxLength: 6 },
      },
    )
    .map((scenes) => scenes.flat()),
})

function rarely(oneIn: number): fc.Arbitrary<boolean> {
  return fc.nat(oneIn - 1).map((chance) => chance === 1)
}
