import { ProblemError } from '@session-broker/shared'
import { backOffMs, type FailurePolicy, failureClassOf, failurePolicies } from './failure-policy.ts'
import type { Clock } from './ports/clock.ts'
import type { EvidenceKeeper } from './ports/evidence-keeper.ts'
import type { Log } from './ports/log.ts'
import type { LoginTraces } from './ports/login-traces.ts'
import type { FailureReport, SessionStore } from './ports/session-store.ts'
import type { Credentials, SessionDefinition } from './session-definition.ts'
import { untilStored } from './until-stored.ts'

interface FailedLogin {
  definition: SessionDefinition
  operationId: string
  fence: number
  failuresInRow: number
  credentials: Credentials
  tookMs: number
  traces?: LoginTraces
  signal: AbortSignal
}

interface NoteDependencies {
  store: SessionStore
  clock: Clock
  log: Log
  keepEvidence?: EvidenceKeeper
}

/** A disk that hangs must not hold up the failure itself. */
const keepingMs = 1_000

/**
 * Ends a login that published nothing in the store, so that the next one is made when it may be: a rejected password is
 * not sent again because the store was away for a moment.
 * @returns the problem to tell those who wait.
 */
export async function noteFailure(
  dependencies: NoteDependencies,
  login: FailedLogin,
  error: unknown,
): Promise<ProblemError> {
  const { store, clock, log } = dependencies
  const { definition, operationId, fence, failuresInRow, credentials, signal } = login
  const { session } = definition
  const problem = problemOf(error, signal)
  const failureClass = failureClassOf(problem)
  const policy: FailurePolicy | undefined = failureClass && failurePolicies[failureClass]
  const delayMs = policy ? backOffMs(policy, { failuresInRow, clock }) : 0
  const evidence = await keepEvidence(dependencies, login, problem)
  const fields = { session, operationId, code: problem.code, error: problem.cause }
  log.warn({ ...fields, ...(evidence !== undefined && { evidence }) }, problem.message)
  const note = () => {
    if (!failureClass || !policy) return store.abandonLogin(definition, { fence })
    const report: FailureReport = {
      fence,
      failure: { class: failureClass, detail: problem.message },
      delayMs,
      answered: policy.answered,
      ...(policy.opens && { breaker: breakerOf(policy, credentials) }),
    }
    return store.failLogin(definition, report)
  }
  await untilStored({ clock, signal }, note).catch((cause) =>
    log.error({ session, operationId, error: cause }, 'the failure could not be stored'),
  )
  if (!policy?.backOff) return problem
  const retryAfterSeconds = Math.ceil(delayMs / 1000)
  return new ProblemError(problem.code, problem.message, { cause: problem.cause, retryAfterSeconds })
}

/** Only of what has failed: a login that was given up tells nothing of the site. */
async function keepEvidence(
  { keepEvidence, clock }: NoteDependencies,
  { definition, tookMs, traces }: FailedLogin,
  problem: ProblemError,
): Promise<string | undefined> {
  const failureClass = failureClassOf(problem)
  if (!keepEvidence || !traces || !failureClass) return undefined
  const { session, recipe } = definition
  const kept = new AbortController()
  const keeping = keepEvidence({
    ...{ session, class: failureClass, detail: problem.message, tookMs, recipe, traces },
  })
  const where = await Promise.race([keeping, clock.wait(keepingMs, kept.signal)])
  kept.abort()
  return where ?? undefined
}

function breakerOf({ opens }: FailurePolicy, { tag }: Credentials): { credentialsTag?: string } {
  return opens === 'until_secret_changes' ? { credentialsTag: tag } : {}
}

function outlastsStop(problem: ProblemError): boolean {
  const failureClass = failureClassOf(problem)
  const policy: FailurePolicy | undefined = failureClass && failurePolicies[failureClass]
  return policy?.opens !== undefined || problem.code === 'login_timeout_after_submit'
}

/**
 * A login that is ended from outside has not failed; but once its secrets are sent, nobody should send them again soon.
 * @param stopped aborted where it was ended so
 */
function problemOf(error: unknown, stopped: AbortSignal): ProblemError {
  const problem = error instanceof ProblemError ? error : undefined
  // What the site has said of the secrets counts, whenever the broker stops.
  if (stopped.aborted && !(problem && outlastsStop(problem)))
    return new ProblemError('login_abandoned', 'the login was given up: the broker stops', { cause: error })
  if (problem) return problem
  return new ProblemError('login_unknown', 'the login failed in a way that the broker does not know', {
    cause: error,
  })
}
