import {
  type Check,
  errorCodes,
  type FailureClass,
  failureClasses,
  ProblemError,
} from '@session-broker/shared'
import { checkState } from './check-session.ts'
import { deriveCheck } from './derive-check.ts'
import type { LoginSlots } from './login-slots.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { Lease } from './ports/login-mutex.ts'
import type { SessionStore } from './ports/session-store.ts'
import type { LoginResult, SiteLogin } from './ports/site-login.ts'
import type { SiteLook } from './ports/site-look.ts'
import type { SealableState, StateSealer } from './ports/state-sealer.ts'
import type { SessionDefinition } from './session-definition.ts'

export interface LoginDependencies {
  store: SessionStore
  sealer: StateSealer
  siteLogin: SiteLogin
  look: SiteLook
  slots: LoginSlots
  newMark: () => string
  clock: Clock
  log: Log
}

export interface LoginRequest {
  definition: SessionDefinition
  fromGeneration: number
  operationId: string
  lease: Lease
  signal: AbortSignal
}

/** The lock must be held for at least this long when a secret is sent. */
const leastLeaseMs = 500
/** Between the end of a login and the end of its permit: to close the browser. */
const closingMs = 1_000
const storeRetryMs = 250

/**
 * One login, from taking the fence to publishing: begin, permit, drive, prove, commit.
 * @returns the generation that it published; undefined when a newer one was there first and this login was thrown away.
 * @throws ProblemError `login_…`; the store has noted it.
 */
export async function logInOnce(
  dependencies: LoginDependencies,
  request: LoginRequest,
): Promise<number | undefined> {
  const giveBack = await dependencies.slots.take(request.signal)
  try {
    const fence = await takeFence(dependencies, request)
    return fence === undefined ? undefined : await logInWithFence(dependencies, request, fence)
  } finally {
    giveBack()
  }
}

async function logInWithFence(
  dependencies: LoginDependencies,
  request: LoginRequest,
  fence: number,
): Promise<number | undefined> {
  const { definition } = request
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(definition.loginTimeoutMs)])
  try {
    const result = await drive(dependencies, { ...request, signal }, fence)
    const content = await prove(dependencies, definition, result, signal)
    return await publish(dependencies, { ...request, signal }, { fence, content })
  } catch (error) {
    const failure = asLoginProblem(error)
    await noteFailure(dependencies, request, fence, failure)
    throw failure
  }
}

/** Waits, bounded by the signal, until no earlier login can still be sending its secrets. */
async function takeFence(
  { store, clock }: LoginDependencies,
  { definition, fromGeneration, operationId, signal }: LoginRequest,
): Promise<number | undefined> {
  while (!signal.aborted) {
    const answer = await store.beginLogin(definition, { operationId, fromGeneration })
    if (answer.begun) return answer.fence
    if (answer.reason === 'superseded') return undefined
    await clock.wait(Math.min(answer.waitMs + 5, 1_000), signal)
  }
  throw new ProblemError('login_abandoned', 'the login ended while it waited for an earlier one to end')
}

async function drive(
  { store, siteLogin, clock }: LoginDependencies,
  { definition, lease, signal }: LoginRequest,
  fence: number,
): Promise<LoginResult> {
  const endsAtMs = clock.now() + definition.loginTimeoutMs
  const credentials = await definition.credentials()
  return siteLogin({
    definition,
    credentials,
    signal,
    async requestPermit() {
      const durationMs = endsAtMs - clock.now() + closingMs
      const mayTry = !signal.aborted && lease.validForMs() >= leastLeaseMs
      if (mayTry && (await store.grantPermit(definition, { fence, durationMs }))) return
      throw new ProblemError('login_abandoned', 'another broker has taken this login over')
    },
  })
}

/** A login counts only when the state that was taken from the browser is itself signed in. */
async function prove(
  { look }: LoginDependencies,
  definition: SessionDefinition,
  { state, landedUrl }: LoginResult,
  signal: AbortSignal,
): Promise<SealableState> {
  if (!definition.check) return deriveCheck(look, { state, loginUrl: definition.loginUrl, landedUrl, signal })
  const check: Check = definition.check
  const checked = await checkState(look, { check, state, signal })
  if (checked.verdict === 'signed_in') return { state: checked.state, check }
  throw new ProblemError(
    'login_not_authenticated',
    checked.verdict === 'unclear'
      ? 'after the sign-in the check could not tell whether the session is signed in'
      : 'after the sign-in the check says that the session is signed out',
  )
}

async function publish(
  dependencies: LoginDependencies,
  { definition, fromGeneration, operationId, signal }: LoginRequest,
  { fence, content }: { fence: number; content: SealableState },
): Promise<number | undefined> {
  const { store, sealer, newMark, log } = dependencies
  const generation = fromGeneration + 1
  const { session } = definition
  const sealed = sealer.seal(content, { session, generation, revision: 0 })
  const publication = { fence, fromGeneration, operationId, mark: newMark(), sealed }
  const outcome = await untilStored(dependencies, signal, () => store.commitLogin(definition, publication))
  if (outcome === 'committed') return generation
  log.warn({ session, operationId, outcome }, 'a login came too late and was thrown away')
  return undefined
}

/** A login costs too much to be lost to a store that is away for a moment: what it asks is safe to ask again. */
async function untilStored<T>(
  { clock }: LoginDependencies,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const isAway = error instanceof ProblemError && error.code === 'store_unavailable'
      if (!isAway || signal.aborted) throw error
      await clock.wait(storeRetryMs, signal)
    }
  }
}

function asLoginProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError && error.code in errorCodes) return error
  return new ProblemError('login_unknown', 'the login failed in a way that the broker does not know', {
    cause: error,
  })
}

async function noteFailure(
  { store, log }: LoginDependencies,
  { definition, operationId }: LoginRequest,
  fence: number,
  failure: ProblemError,
): Promise<void> {
  const { session } = definition
  log.warn({ session, operationId, code: failure.code, error: failure.cause }, failure.message)
  const noted = { class: failureClassOf(failure), detail: failure.message }
  await store
    .failLogin(definition, { fence, failure: noted })
    .catch((error) => log.error({ session, operationId, error }, 'the failure could not be stored'))
}

export function failureClassOf({ code }: ProblemError): FailureClass {
  return failureClasses.find((each) => code === `login_${each}`) ?? 'unknown'
}
