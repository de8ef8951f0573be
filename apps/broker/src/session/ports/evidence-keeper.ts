import type { FailureClass, Recipe } from '@session-broker/shared'
import type { LoginTraces } from './login-traces.ts'

export interface FailureEvidence {
  session: string
  class: FailureClass
  /** What the problem says of it. */
  detail: string
  /** From the begin of the login to its failure. */
  tookMs: number
  recipe: Recipe
  traces: LoginTraces
}

/**
 * Keeps what is left of a failed login for people to look at, for a while. Never rejects.
 * @returns where, for the log; undefined where it could not be kept.
 */
export type EvidenceKeeper = (evidence: FailureEvidence) => Promise<string | undefined>
