import { ProblemError, type RefreshOutcome } from '@session-broker/shared'
import { checkSession } from './check-session.ts'
import { type LoginDependencies, logInOnce } from './log-in-once.ts'
import type { LoginAttempt } from './login-history.ts'
import type { Lease, LoginMutex } from './ports/login-mutex.ts'
import type { Snapshot } from './ports/session-store.ts'
import type { SessionDefinition } from './session-definition.ts'
import type { SessionMirror } from './session-mirror.ts'

export interface RunDependencies extends LoginDependencies {
  mutex: LoginMutex
  mirror: SessionMirror
}

/**
 * Why a session is refreshed. `caller`: somebody saw it fail. `person`: somebody wants a login whatever the check says.
 * `operator`: also whatever breaker and back-off say.
 * `scheduled_check`, `scheduled_renewal`: the broker by itself; nobody waits for it.
 */
export type RefreshCause = 'caller' | 'person' | 'operator' | 'scheduled_check' | 'scheduled_renewal'

export interface RunRequest {
  definition: SessionDefinition
  /** The generation that somebody saw fail. */
  seen: number
  cause: RefreshCause
  operationId: string
  signal: AbortSignal
}

export interface Renewal {
  outcome: RefreshOutcome
  generation: number
  revision: number
}

/** What was seen dead so lately is not asked for once more: checks cost, and some sites count them. */
const trustDeadMs = 10_000

/**
 * The one refresh that everybody waits for: wait for the account's turn, look again, check, log in.
 * @throws ProblemError: `check_unclear`, `login_…` (also another replica's), `store_unavailable`.
 */
export async function runRefresh(dependencies: RunDependencies, request: RunRequest): Promise<Renewal> {
  for (let current = request; ; ) {
    const outcome = await refreshInTurn(dependencies, current)
    if (outcome !== 'lost') return currentRenewal(dependencies, request, outcome)
    // Another login came first. What it published is checked at once: on some sites the one that was thrown away has
    // ended it.
    const { generation } = await dependencies.store.read(request.definition)
    current = { ...current, seen: generation, cause: 'caller' }
  }
}

async function refreshInTurn(
  dependencies: RunDependencies,
  request: RunRequest,
): Promise<RefreshOutcome | 'lost'> {
  const { store } = dependencies
  const before = await store.read(request.definition)
  const turn = await waitForTurn(dependencies, request, before)
  if ('settled' in turn) return 'renewed'
  const { lease } = turn
  try {
    const now = await store.read(request.definition)
    if (isSettledByOthers(request, before, now)) return 'renewed'
    if (!skipsCheck(request) && (await isAlive(dependencies, request, before, now))) return 'alive'
    return await logIn(dependencies, { request, now, lease })
  } finally {
    await lease.release()
  }
}

/** Tries for the mutex, and looks after each change whether another replica has done the work meanwhile. */
async function waitForTurn(
  { mutex, store, mirror, clock }: RunDependencies,
  request: RunRequest,
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
function isSettledByOthers(request: RunRequest, before: Snapshot, now: Snapshot): boolean {
  const { generation, stored, attempt, nextTryAtMs = 0, nowMs } = now
  if (stored && generation > request.seen) return true
  const { session } = request.definition
  const isNews = attempt?.session === session && hasEndedSince(before.attempt, attempt)
  if (isNews && attempt.failure) {
    const waitMs = nextTryAtMs - nowMs
    throw new ProblemError(`login_${attempt.failure.class}`, attempt.failure.detail, {
      ...(waitMs > 0 && { retryAfterSeconds: Math.ceil(waitMs / 1000) }),
    })
  }
  return false
}

function hasEndedSince(before: LoginAttempt | undefined, now: LoginAttempt): boolean {
  if (now.phase !== 'failed') return false
  const wasRunning = before?.phase === 'begun' || before?.phase === 'permitted'
  return now.fence > (before?.fence ?? 0) || wasRunning
}

function skipsCheck({ cause }: RunRequest): boolean {
  return cause === 'person' || cause === 'operator' || cause === 'scheduled_renewal'
}

/** The broker's own check, unless another replica has just made one. @throws `check_unclear`. */
async function isAlive(
  dependencies: RunDependencies,
  { definition, seen, signal }: RunRequest,
  before: Snapshot,
  { stored, nowMs }: Snapshot,
): Promise<boolean> {
  if (!stored) return false
  if (stored.generation > seen) return true
  if (stored.verdict === 'signed_in' && stored.checkedAtMs > before.nowMs) return true
  if (stored.verdict === 'signed_out' && nowMs - stored.checkedAtMs < trustDeadMs) return false
  const verdict = await checkSession(dependencies, { definition, stored, signal })
  if (verdict !== 'unclear') return verdict === 'signed_in'
  throw new ProblemError(
    'check_unclear',
    `the site does not answer the check of ${definition.session} clearly; no login was made`,
  )
}

async function logIn(
  dependencies: RunDependencies,
  { request, now, lease }: { request: RunRequest; now: Snapshot; lease: Lease },
): Promise<'renewed' | 'lost'> {
  const { clock, log } = dependencies
  const { definition, operationId, cause, signal } = request
  const startedAtMs = clock.monotonicMs()
  const generation = await logInOnce(dependencies, {
    ...{ definition, operationId, lease, signal },
    fromGeneration: now.generation,
    force: cause === 'operator',
    unattended: cause === 'scheduled_check' || cause === 'scheduled_renewal',
  })
  if (generation === undefined) return 'lost'
  const durationMs = Math.round(clock.monotonicMs() - startedAtMs)
  log.info({ session: definition.session, generation, operationId, durationMs }, 'logged in')
  return 'renewed'
}

async function currentRenewal(
  { mirror }: RunDependencies,
  { definition, seen }: RunRequest,
  outcome: RefreshOutcome,
): Promise<Renewal> {
  const { generation, revision, issued } = await mirror.reload(definition.session)
  // Alive, but not what the caller saw: another login came first.
  const told = outcome === 'alive' && generation > seen ? 'newer' : outcome
  if (issued) return { outcome: told, generation, revision }
  throw new ProblemError('session_absent', 'the session was forgotten while it was renewed')
}
