import { deepStrictEqual, ok } from 'node:assert/strict'
import type { LoginBudget } from '../../../apps/broker/src/session/login-history.ts'
import type {
  SessionPlace,
  SessionStore,
  Snapshot,
} from '../../../apps/broker/src/session/ports/session-store.ts'
import type { Invariants } from './account-invariants.ts'
import type { AccountModel, AccountView } from './account-model.ts'

/** The account under test: real stores, and what it takes to turn time and to end them. */
export interface RealAccount {
  account: string
  /** Replicas; the same one twice where there can be only one. */
  stores(): readonly [SessionStore, SessionStore]
  restart(): Promise<void>
  passTime(ms: number): Promise<void>
}

export interface Login {
  fence: number
  place: SessionPlace
  operationId: string
  fromGeneration: number
  tag: string
  force: boolean
}

export interface ModelledAccount {
  model: AccountModel
  invariants: Invariants
  budget: LoginBudget
  /** All that have begun, newest first. */
  logins: Login[]
}

/** What is done at which replica, and from which session it is looked at. */
export interface Where {
  replica: number
  session: string
}

interface Step<Given, Expected> {
  real: (store: SessionStore) => Promise<Given>
  model: (nowMs: number, given: Given) => Expected
  /** Left out: the two are equal. */
  same?: (given: Given, expected: Expected, slackMs: number) => void
  after?: (snapshot: Snapshot, given: Given) => void
}

/** Does it, and holds answer and all that the other replica then reads against the model. */
export async function step<Given, Expected>(
  { model }: ModelledAccount,
  real: RealAccount,
  at: Where,
  { real: act, model: foretell, same = sameAnswer, after }: Step<Given, Expected>,
): Promise<Given> {
  const [one, other] = real.stores()
  const [store, replica] = at.replica === 0 ? [one, other] : [other, one]
  const place = placeOf(real, at)
  const { nowMs: beforeMs } = await replica.read(place)
  const given = await act(store)
  const snapshot = await replica.read(place)
  const slackMs = snapshot.nowMs - beforeMs
  same(given, foretell(snapshot.nowMs, given), slackMs)
  sameWithin(slackMs, viewOf(snapshot), model.view(place, snapshot.nowMs))
  model.adopt(snapshot)
  after?.(snapshot, given)
  return given
}

function viewOf({ generation, stored, attempt, submissions, ...rest }: Snapshot): AccountView {
  const { failuresInRow, nextTryAtMs, breaker } = rest
  return {
    generation,
    ...(stored && { mark: stored.mark }),
    ...(attempt && { attempt }),
    submissions,
    failuresInRow,
    ...(nextTryAtMs !== undefined && { nextTryAtMs }),
    ...(breaker && { breaker }),
  }
}

/** The model steps when the step is over, the store at some moment of it: its times may be earlier by what went by. */
function sameWithin(slackMs: number, read: unknown, expected: unknown, key = 'all'): void {
  if (isObject(read) && isObject(expected)) {
    deepStrictEqual(Object.keys(read).sort(), Object.keys(expected).sort(), key)
    for (const name of Object.keys(read)) sameWithin(slackMs, read[name], expected[name], name)
  } else if (/AtMs$|^atMs$|^sinceMs$/.test(key)) {
    const earlierMs = Number(expected) - Number(read)
    ok(earlierMs >= 0 && earlierMs <= slackMs, `${key} is ${read} instead of ${expected}`)
  } else deepStrictEqual(read, expected, `${key} is ${read} instead of ${expected}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function placeOf({ account }: RealAccount, { session }: Where): SessionPlace {
  return { account, session }
}

function sameAnswer(given: unknown, expected: unknown): void {
  deepStrictEqual(given, expected)
}
