import { ProblemError } from '@session-broker/shared'
import { failurePolicies } from './failure-policy.ts'
import type { BeginAnswer, Snapshot } from './ports/session-store.ts'
import type { SessionDefinition } from './session-definition.ts'

type Refusal = Exclude<BeginAnswer, { begun: true } | { reason: 'permit_outstanding' | 'superseded' }>

/** What to tell those who wanted a login that the account's history does not allow now. */
export function refusalOf(
  { session, budget }: SessionDefinition,
  refusal: Refusal,
  { breaker, attempt }: Snapshot,
): ProblemError {
  if (refusal.reason === 'locked_out') return lockedOut(session, breaker?.class)
  const retryAfterSeconds = Math.ceil(refusal.waitMs / 1000)
  if (refusal.reason === 'budget_spent') {
    return new ProblemError(
      'login_budget_spent',
      `${session} may send its secrets ${budget.loginsPerDay} times in 24 hours, and fail ${budget.failedPerDay} times: ` +
        `the next login is allowed in ${inWords(retryAfterSeconds)}`,
      { retryAfterSeconds },
    )
  }
  const why = attempt?.failure ? ` (${attempt.failure.class}: ${attempt.failure.detail})` : ''
  return new ProblemError(
    'login_backing_off',
    `the last login of ${session} failed${why}; the next one is allowed in ${inWords(retryAfterSeconds)}`,
    { retryAfterSeconds },
  )
}

function lockedOut(session: string, cause: keyof typeof failurePolicies | undefined): ProblemError {
  const policy = cause && failurePolicies[cause]
  const isMendable = policy && 'opens' in policy && policy.opens === 'until_secret_changes'
  const how = isMendable
    ? 'change the secret where it is kept, or POST /session/reset'
    : 'POST /session/reset'
  return new ProblemError(
    'login_locked_out',
    `after ${cause ?? 'a failure'} no login of ${session} is made: mend its cause, then ${how}`,
  )
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`
}
