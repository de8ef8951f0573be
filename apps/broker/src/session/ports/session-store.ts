import type { Operation, Verdict } from '@session-broker/shared'
import type { LoginBudget, LoginFailure, LoginHistory, OpenChallenge } from '../login-history.ts'
import type { SealedState } from './state-sealer.ts'

/** Where a session lives: everything of one account is kept together, so that one atomic step can see it. */
export interface SessionPlace {
  session: string
  account: string
}

/** The newest published state. Times are milliseconds since 1970 by the store's own clock. */
export interface StoredSession {
  generation: number
  revision: number
  /** Random at each publication: a store that was wiped or rolled back never repeats an ETag. */
  mark: string
  obtainedAtMs: number
  /** When this revision was published; not known of one that an earlier version of the broker has written. */
  publishedAtMs?: number
  verdict: Verdict
  checkedAtMs: number
  /** When it was last seen to be signed in. */
  aliveAtMs: number
  /** The refresh that published this generation. */
  operationId: string
  sealed: SealedState
}

export interface Snapshot extends LoginHistory {
  /** The counter stays when a state is forgotten: 0 only where there never was one. */
  generation: number
  stored?: StoredSession
  /** The site has been seen to change the session's cookies in use; also of earlier generations. */
  rotates: boolean
  /** How long earlier generations lived at least, in milliseconds, newest first; only of those that were seen to end. */
  lifetimesMs: readonly number[]
  /** What is asked of a person now, for this session. */
  challenge?: OpenChallenge
  /** When people were asked within the last 24 hours, oldest first. */
  challengedAtMs: readonly number[]
  /** The store's clock, to hold its times against. */
  nowMs: number
}

export interface LoginStart {
  operationId: string
  fromGeneration: number
  budget: LoginBudget
  /** Names the secrets that will be sent: a breaker that these have not opened lets them pass. */
  credentialsTag: string
  /** Passes breaker and back-off, never the budget. */
  force: boolean
}

export type BeginAnswer =
  /** `failuresInRow`: before this one. */
  | { begun: true; fence: number; failuresInRow: number }
  /** Another login of this account may still be sending its secrets; ask again after `waitMs`. */
  | { begun: false; reason: 'permit_outstanding'; waitMs: number }
  /** The generation is no longer the one that the login was to start from. */
  | { begun: false; reason: 'superseded' }
  /** Not before the secrets have changed, or an operator has reset the account. */
  | { begun: false; reason: 'locked_out' }
  | { begun: false; reason: 'backing_off'; waitMs: number }
  | { begun: false; reason: 'budget_spent'; waitMs: number }

/** What a failed login means for the next one. */
export interface FailureReport {
  fence: number
  failure: LoginFailure
  /** Opens the breaker; with a tag until the secrets have another one. */
  breaker?: { credentialsTag?: string }
  /** How long no login may begin. */
  delayMs: number
  /** The site has answered what was sent to it, so nothing of this login is under way any more: its permit ends. */
  answered: boolean
}

/** What is published by a login. */
export interface Publication {
  mark: string
  sealed: SealedState
}

/** What a person has signed in to by hand. */
export interface CapturePublication extends Publication {
  operationId: string
  fromGeneration: number
  /** The state whose place it takes; left out: there is none. */
  replaces?: { revision: number; mark: string } | undefined
}

export interface RevisionChange extends Publication {
  generation: number
  fromRevision: number
  verdict: Verdict
  rotated: boolean
}

/**
 * The durable truth about sessions and logins, one contract for every backend (test/broker/backend holds it).
 * Each method is atomic and, once resolved, stored. Every method rejects with ProblemError `store_unavailable`
 * when the backend cannot be reached; then what was asked may still have happened, so all are safe to repeat.
 */
export interface SessionStore {
  read(place: SessionPlace): Promise<Snapshot>

  /**
   * Takes the account's next fence. Refuses while the account's history forbids a login, or an earlier login's permit may be in
   * flight; an earlier login without a permit is overtaken. Repeated with the same `operationId`, gives the same
   * fence again.
   */
  beginLogin(place: SessionPlace, login: LoginStart): Promise<BeginAnswer>

  /**
   * Allows the login with this fence to send its secrets during `durationMs`, and takes one submission from the budget; asked
   * again by the same login, it takes no more. `fenced`: a later login has begun.
   */
  grantPermit(
    place: SessionPlace,
    permit: { fence: number; durationMs: number; budget: LoginBudget },
  ): Promise<'granted' | 'fenced' | 'budget_spent'>

  /**
   * Publishes generation `fromGeneration + 1`, revision 0, verdict signed_in, ends the permit, and closes breaker and back-off:
   * only if the fence is still the newest and the generation still `fromGeneration`. `fenced` and `superseded` publish
   * nothing; that the site took the secrets is noted all the same, and a login that a capture has overtaken is ended.
   */
  commitLogin(
    place: SessionPlace,
    login: Publication & { fence: number; fromGeneration: number; operationId: string },
  ): Promise<'committed' | 'fenced' | 'superseded'>

  /**
   * Publishes generation `fromGeneration + 1`, revision 0, verdict signed_in: only if the generation is still `fromGeneration` and
   * its state still the one that is to be replaced. Wants no fence and no budget, since a person signed in; a
   * login that runs is overtaken, so that its commit answers `superseded`. Ends the back-off; the breaker stays as it is, since
   * this says nothing of the secrets.
   */
  publishCapture(place: SessionPlace, capture: CapturePublication): Promise<'committed' | 'superseded'>

  /**
   * Forgets the state of this generation; the counter stays. `absent`: it had none any more. `superseded`: there is
   * another generation, and nothing was done.
   */
  forgetSession(
    place: SessionPlace,
    known: { generation: number },
  ): Promise<'forgotten' | 'absent' | 'superseded'>

  /**
   * Ends a login that published nothing, and notes its submission as failed. When a later login has begun, only the latter;
   * and the breaker is opened all the same, unless that one has succeeded.
   */
  failLogin(place: SessionPlace, report: FailureReport): Promise<void>

  /** Ends a login of which nobody can say how it went. Its permit goes on, its submission counts as failed. */
  abandonLogin(place: SessionPlace, login: { fence: number }): Promise<void>

  /**
   * Takes a one-time code out of use, for all replicas. False where the code of this window, or of a later one, was taken before.
   * Asked once more since an answer was lost, it says false: a code that may have been sent is not sent again.
   * @param window counts the code's periods since 1970
   */
  claimCode(place: SessionPlace, window: number): Promise<boolean>

  /** Closes the account's breaker and ends its back-off; the budget stays as it is. */
  resetLogins(place: SessionPlace): Promise<void>

  /** Notes what a check of this generation said. False when there is a newer one. */
  recordCheck(place: SessionPlace, check: { generation: number; verdict: Verdict }): Promise<boolean>

  /**
   * Publishes revision `fromRevision + 1` of a generation; false when either has moved on. `rotated`: the site itself has
   * given a cookie of the session another value.
   */
  writeRevision(place: SessionPlace, change: RevisionChange): Promise<boolean>

  saveOperation(place: SessionPlace, record: OperationRecord, keepMs: number): Promise<void>
  readOperation(place: SessionPlace, id: string): Promise<OperationRecord | undefined>

  /**
   * Tells of changes, from every replica: the session's name, or undefined for "any may have changed" (after a
   * connection was lost and came back). Returns what ends it.
   */
  watch(listener: (session: string | undefined) => void): () => void

  /** Resolves when the store answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface OperationRecord {
  operation: Operation
  /** When a running operation must have ended, by the broker's clock; later it counts as lost. */
  endsByMs: number
}
