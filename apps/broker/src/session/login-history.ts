import type { ChallengeKind, FailureClass } from '@session-broker/shared'

/**
 * What is known of an account's logins, through crashes, restarts and replicas. All times are milliseconds since 1970 by
 * the store's own clock.
 */
export interface LoginHistory {
  /** The newest login, running or ended. */
  attempt?: LoginAttempt
  /** The logins of the last 24 hours that were allowed to send their secrets, oldest first. */
  submissions: readonly Submission[]
  /** How many logins have failed since one succeeded; decides how long the next one waits. */
  failuresInRow: number
  /** No login begins before this. */
  nextTryAtMs?: number
  breaker?: Breaker
}

/** A higher fence is a later login. */
export interface LoginAttempt {
  fence: number
  session: string
  operationId: string
  phase: 'begun' | 'permitted' | 'committed' | 'failed' | 'abandoned'
  startedAtMs: number
  /** Until then its secrets, or the site's work on them, may be under way, whatever has become of the login. */
  permitEndsAtMs?: number
  endedAtMs?: number
  failure?: LoginFailure
}

export interface LoginFailure {
  class: FailureClass
  detail: string
}

/**
 * One sending of secrets. `open`: nobody has said how it ended, because it goes on or its broker died; then it counts as failed,
 * since the site may have said no.
 */
export interface Submission {
  fence: number
  atMs: number
  outcome: 'open' | 'accepted' | 'failed'
}

/** Open after a login that must not simply be tried again. */
export interface Breaker {
  class: FailureClass
  sinceMs: number
  /** Secrets with another tag pass it, and close it when they succeed; without a tag only an operator does. */
  credentialsTag?: string
}

/** How often secrets may be sent within 24 hours. */
export interface LoginBudget {
  loginsPerDay: number
  failedPerDay: number
}

/** What is asked of a person now, as everybody may know it. */
export interface OpenChallenge {
  id: string
  kind: ChallengeKind
  openedAtMs: number
  expiresAtMs: number
}
