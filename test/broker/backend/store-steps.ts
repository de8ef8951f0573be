import { randomUUID } from 'node:crypto'
import type { ChallengeBoard } from '../../../apps/broker/src/session/ports/challenge-board.ts'
import type {
  BeginAnswer,
  FailureReport,
  LoginStart,
  SessionPlace,
  SessionStore,
} from '../../../apps/broker/src/session/ports/session-store.ts'
import type { SealedState } from '../../../apps/broker/src/session/ports/state-sealer.ts'
import type { WorkerBoard } from '../../../apps/broker/src/session/ports/worker-board.ts'
import type { WriterBoard } from '../../../apps/broker/src/session/ports/writer-board.ts'
import { budget, startOf } from '../session/define-session.ts'

export interface StoreUnderTest {
  store: SessionStore & WorkerBoard & WriterBoard & ChallengeBoard
  /** Another replica's way to the same data; the same store where there can be only one. */
  replica: SessionStore & WorkerBoard & WriterBoard & ChallengeBoard
  /** Lets the store's clock go on. */
  passTime(ms: number): Promise<void>
}

let accounts = 0

/** An account that no other test has touched. */
export function newPlace(session = 'shop'): SessionPlace {
  accounts += 1
  return { session, account: `acct-${process.pid}-${accounts}` }
}

export function publication(text = 'sealed') {
  return { mark: randomUUID(), sealed: `sb1.0.${text}` as SealedState }
}

export async function begin(store: SessionStore, place: SessionPlace, part: Partial<LoginStart> = {}) {
  const start = startOf(part)
  const fence = fenceOf(await store.beginLogin(place, start))
  return { fence, operationId: start.operationId, fromGeneration: start.fromGeneration }
}

/** Begins, and is allowed to send its secrets. */
export async function beginPermitted(
  store: SessionStore,
  place: SessionPlace,
  { durationMs = 60_000, ...part }: Partial<LoginStart> & { durationMs?: number } = {},
) {
  const login = await begin(store, place, part)
  const permit = { fence: login.fence, durationMs, budget: part.budget ?? budget }
  const answer = await store.grantPermit(place, permit)
  if (answer !== 'granted') throw new Error(`no permit: ${answer}`)
  return login
}

const failure = { class: 'bad_credentials', detail: 'the site says no' } as const

export function reportOf(fence: number, part: Partial<FailureReport> = {}): FailureReport {
  return { fence, failure, delayMs: 0, answered: true, ...part }
}

export function fenceOf(answer: BeginAnswer): number {
  if (!answer.begun) throw new Error(`not begun: ${answer.reason}`)
  return answer.fence
}

/** One whole login. */
export async function logIn(store: SessionStore, place: SessionPlace, text = 'sealed') {
  const { generation: fromGeneration } = await store.read(place)
  const login = await begin(store, place, { fromGeneration })
  return store.commitLogin(place, { ...login, ...publication(text) })
}
