import type { FailureClass, Operation, Verdict } from '@session-broker/shared'
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
  verdict: Verdict
  checkedAtMs: number
  /** The refresh that published this generation. */
  operationId: string
  sealed: SealedState
}

/** The newest login of an account, running or ended. A higher fence is a later login. */
export interface LoginAttempt {
  fence: number
  session: string
  operationId: string
  phase: 'begun' | 'permitted' | 'committed' | 'failed'
  startedAtMs: number
  endedAtMs?: number
  failure?: { class: FailureClass; detail: string }
}

export interface Snapshot {
  /** The counter stays when a state is forgotten: 0 only where there never was one. */
  generation: number
  stored?: StoredSession
  attempt?: LoginAttempt
  /** The store's clock, to hold its times against. */
  nowMs: number
}

export type BeginAnswer =
  | { begun: true; fence: number }
  /** Another login of this account may still be sending its secrets; ask again after `waitMs`. */
  | { begun: false; reason: 'permit_outstanding'; waitMs: number }
  /** The generation is no longer the one that the login was to start from. */
  | { begun: false; reason: 'superseded' }

/** What is published by a login. */
export interface Publication {
  mark: string
  sealed: SealedState
}

/**
 * The durable truth about sessions and logins, one contract for every backend (test/broker/backend holds it).
 * Each method is atomic and, once resolved, stored. Every method rejects with ProblemError `store_unavailable`
 * when the backend cannot be reached; then what was asked may still have happened, so all are safe to repeat.
 */
export interface SessionStore {
  read(place: SessionPlace): Promise<Snapshot>

  /**
   * Takes the account's next fence. Refuses while an earlier login's permit may be in flight; an earlier login
   * without a permit is overtaken. Repeated with the same `operationId`, gives the same fence again.
   */
  beginLogin(
    place: SessionPlace,
    login: { operationId: string; fromGeneration: number },
  ): Promise<BeginAnswer>

  /**
   * Allows the login with this fence to send its secrets during `durationMs`. False when a later login has begun.
   */
  grantPermit(place: SessionPlace, permit: { fence: number; durationMs: number }): Promise<boolean>

  /**
   * Publishes generation `fromGeneration + 1`, revision 0, verdict signed_in, and ends the permit: only if the fence is
   * still the newest and the generation still `fromGeneration`. `fenced` and `superseded` change nothing.
   */
  commitLogin(
    place: SessionPlace,
    login: Publication & { fence: number; fromGeneration: number; operationId: string },
  ): Promise<'committed' | 'fenced' | 'superseded'>

  /** Ends a login that published nothing, and its permit. Without effect when a later login has begun. */
  failLogin(
    place: SessionPlace,
    login: { fence: number; failure: { class: FailureClass; detail: string } },
  ): Promise<void>

  /** Notes what a check of this generation said. False when there is a newer one. */
  recordCheck(place: SessionPlace, check: { generation: number; verdict: Verdict }): Promise<boolean>

  /** Publishes revision `fromRevision + 1` of a generation; false when either has moved on. */
  writeRevision(
    place: SessionPlace,
    change: Publication & { generation: number; fromRevision: number; verdict: Verdict },
  ): Promise<boolean>

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
