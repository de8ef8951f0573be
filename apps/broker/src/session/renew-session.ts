import { ProblemError, type RefreshOutcome } from '@session-broker/shared'
import { checkState } from './check-session.ts'
import { type LoginDependencies, logInOnce } from './log-in-once.ts'
import type { Lease, LoginMutex } from './ports/login-mutex.ts'
import type { Snapshot } from './ports/session-store.ts'
import type { SessionDefinition } from './session-definition.ts'
import type { SessionMirror } from './session-mirror.ts'

export interface RenewDependencies extends LoginDependencies {
  mutex: LoginMutex
  mirror: SessionMirror
}

export interface RenewRequest {
  definition: SessionDefinition
  /** The generation that somebody saw fail. */
  seen: number
  force: boolean
  operationId: string
  signal: AbortSignal
}

export interface Renewal {
  outcome: RefreshOutcome
  generation: number
  revision: number
}

/**
 * The one renewal that everybody waits for: wait for the account's turn, look again, check, log in.
 * @throws ProblemError: `check_unclear`, `login_…` (also another replica's), `store_unavailable`.
 */
export async function renewSession(dependencies: RenewDependencies, request: RenewRequest): Promise<Renewal> {
  const { store, log } = dependencies
  const { definition, operationId } = request
  const before = await store.read(definition)
  const turn = await waitForTurn(dependencies, request, before)
  if ('settled' in turn) return currentRenewal(dependencies, definition, 'renewed')
  const { lease } = turn
  try {
    const now = await store.read(definition)
    if (isSettledByOthers(request, before, now))
      return await currentRenewal(dependencies, definition, 'renewed')
    if (now.stored && !request.force && (await isAlive(dependencies, request, before, now))) {
      return currentRenewal(dependencies, definition, 'alive')
    }
    const startedAt = dependencies.clock.now()
    const generation = await logInOnce(dependencies, { ...request, fromGeneration: now.generation, lease })
    if (generation === undefined) return await currentRenewal(dependencies, definition, 'newer')
    const durationMs = dependencies.clock.now() - startedAt
    log.info({ session: definition.session, generation, operationId, durationMs }, 'logged in')
    return await currentRenewal(dependencies, definition, 'renewed')
  } finally {
    await lease.release()
  }
}

/** Tries for the mutex, and looks after each change whether another replica has done the work meanwhile. */
async function waitForTurn(
  { mutex, store, mirror, clock }: RenewDependencies,
  request: RenewRequest,
  before: Snapshot,
): Promise<{ lease: Lease } | { settled: true }> {
  const { definition, signal } = request
  while (!signal.aborted) {
    const lease = await mutex.tryAcquire(definition.account)
    if (lease) return { lease }
    const known = mirror.get(definition.session)
    const pause = new AbortController()
    await Promise.race([
      clock.wait(100 + 150 * clock.random(), AbortSignal.any([signal, pause.signal])),
      mirror.waitUntil(definition.session, (now) => now !== known, pause.signal),
    ])
    pause.abort()
    if (isSettledByOthers(request, before, await store.read(definition))) return { settled: true }
  }
  throw new ProblemError('login_abandoned', 'the refresh ended while another broker held this account')
}

/** Whether another replica's work since `before` has made a newer generation. @throws its failure. */
function isSettledByOthers(request: RenewRequest, before: Snapshot, now: Snapshot): boolean {
  const { generation, stored, attempt } = now
  if (stored && generation > request.seen) return true
  const begun = before.attempt
  const wasRunning = begun?.phase === 'begun' || begun?.phase === 'permitted'
  const isNews = attempt !== undefined && (attempt.fence > (begun?.fence ?? 0) || wasRunning)
  if (
    isNews &&
    attempt.session === request.definition.session &&
    attempt.phase === 'failed' &&
    attempt.failure
  ) {
    throw new ProblemError(`login_${attempt.failure.class}`, attempt.failure.detail)
  }
  return false
}

/** The broker's own check, unless another replica has just made one. @throws `check_unclear`. */
async function isAlive(
  dependencies: RenewDependencies,
  { definition, seen, signal }: RenewRequest,
  before: Snapshot,
  now: Snapshot,
): Promise<boolean> {
  const { store, sealer, look, newMark } = dependencies
  const { stored } = now
  if (!stored || stored.generation > seen) return true
  if (stored.checkedAtMs > before.nowMs && stored.verdict === 'signed_in') return true
  const { session } = definition
  const { generation, revision } = stored
  const content = sealer.unseal(stored.sealed, { session, generation, revision })
  const check = definition.check ?? content.check
  const { verdict, state } = await checkState(look, { check, state: content.state, signal })
  if (verdict === 'signed_in' && state !== content.state) {
    const place = { session, generation, revision: revision + 1 }
    const sealed = sealer.seal({ ...content, state }, place)
    await store.writeRevision(definition, {
      generation,
      fromRevision: revision,
      verdict,
      mark: newMark(),
      sealed,
    })
  } else {
    await store.recordCheck(definition, { generation, verdict })
  }
  if (verdict === 'unclear') {
    throw new ProblemError(
      'check_unclear',
      `the site does not answer the check of ${session} clearly; no login was made`,
    )
  }
  return verdict === 'signed_in'
}

async function currentRenewal(
  { mirror }: RenewDependencies,
  { session }: SessionDefinition,
  outcome: RefreshOutcome,
): Promise<Renewal> {
  const { generation, revision, issued } = await mirror.reload(session)
  if (issued) return { outcome, generation, revision }
  throw new ProblemError('session_absent', 'the session was forgotten while it was renewed')
}
