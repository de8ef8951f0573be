import { releaseWaitingLogin } from './challenge/release-waiting-login.ts'
import type { ChallengeBoard } from './ports/challenge-board.ts'
import type { Clock } from './ports/clock.ts'
import type { Lease, LoginMutex } from './ports/login-mutex.ts'
import type { NoteSealer } from './ports/note-sealer.ts'
import type { SessionStore, Snapshot } from './ports/session-store.ts'
import type { StateSealer } from './ports/state-sealer.ts'
import { type CapturedState, type ProveDependencies, proveCapture } from './prove-capture.ts'
import { type InPlaceOf, requireReplaced, tooLate } from './require-replaced.ts'
import type { SessionDefinition } from './session-definition.ts'
import { type SessionMirror, versionOf } from './session-mirror.ts'
import { requireOwnSites } from './session-sites.ts'
import { requireSoundCookies } from './sound-cookies.ts'
import { boundMs, takeTurn, turnMs } from './take-turn.ts'
import { untilStored } from './until-stored.ts'
import { withinTime } from './within-time.ts'

export interface CaptureDependencies extends ProveDependencies {
  store: SessionStore & ChallengeBoard
  notes: NoteSealer
  sealer: StateSealer
  mutex: LoginMutex
  mirror: Pick<SessionMirror, 'reload'>
  clock: Clock
  newMark: () => string
  newOperationId: (session: string) => string
}

export interface Capture extends CapturedState {
  inPlaceOf: InPlaceOf
}

export interface PublishedCapture {
  generation: number
  revision: number
  version: string
  /** There was no state before. */
  isFirst: boolean
}

/**
 * Publishes what a person has signed in to by hand, as a generation of its own: after the account's turn has come, the state
 * that it is to replace is still there, and the site has shown it signed in. It costs no login and passes breaker and back-off.
 * @throws ProblemError `request_invalid` for what no browser would take or is of other sites, `precondition_failed`, `state_not_signed_in`, `check_unclear`, `account_busy`, `store_unavailable`, `shutting_down`.
 */
export async function publishCapture(
  dependencies: CaptureDependencies,
  capture: Capture,
): Promise<PublishedCapture> {
  const { store, clock } = dependencies
  const { definition } = capture
  requireSoundCookies(capture.state)
  requireOwnSites(definition, capture.state)
  return withinTime({ clock, ms: boundMs, signal: capture.signal }, async (signal) => {
    // Whoever is too late need not wait for the turn.
    requireReplaced(capture.inPlaceOf, await store.read(definition))
    const lease = await takePersonsTurn(dependencies, definition, signal)
    try {
      const now = await store.read(definition)
      requireReplaced(capture.inPlaceOf, now)
      return await proveAndPublish(dependencies, { ...capture, signal }, now)
    } finally {
      await lease.release()
    }
  })
}

/** The account's turn; a login that has it and waits for a person is ended. */
async function takePersonsTurn(
  { store, notes, mutex, clock }: CaptureDependencies,
  definition: SessionDefinition,
  signal: AbortSignal,
): Promise<Lease> {
  const taken = new AbortController()
  const waiting = AbortSignal.any([signal, taken.signal])
  const released = releaseWaitingLogin({ store, board: store, notes, clock }, definition, waiting)
  // A mistake of ours is told below, and must not end the process before.
  released.catch(() => undefined)
  try {
    const { account } = definition
    return await takeTurn({ mutex, clock }, { account, withinMs: turnMs, signal })
  } finally {
    taken.abort()
    await released
  }
}

async function proveAndPublish(
  dependencies: CaptureDependencies,
  capture: Capture,
  { generation: fromGeneration, stored }: Snapshot,
): Promise<PublishedCapture> {
  const { store, sealer, mirror, clock, newMark, newOperationId } = dependencies
  const { definition, signal } = capture
  const { session } = definition
  const content = await proveCapture(dependencies, capture)
  const generation = fromGeneration + 1
  const publication = {
    operationId: newOperationId(session),
    fromGeneration,
    replaces: stored && { revision: stored.revision, mark: stored.mark },
    mark: newMark(),
    sealed: sealer.seal(content, { session, generation, revision: 0 }),
  }
  const outcome = await untilStored({ clock, signal }, () => store.publishCapture(definition, publication))
  if (outcome === 'superseded') throw tooLate(await store.read(definition))
  await untilStored({ clock, signal }, () => mirror.reload(session))
  const version = versionOf({ generation, revision: 0, mark: publication.mark })
  return { generation, revision: 0, version, isFirst: !stored }
}
