import type { OwnedSites } from './owned-sites.ts'
import type { RefusedCookie } from './validate-cookies.ts'

/** What an apply did; names only, never values. */
export interface ApplyResult {
  /**
   * - `applied`: cookies and storage are exactly the state's
   * - `partial`: some of it is not; `partial` names what
   * - `refused`: this Chrome would not hold some cookies as they are; nothing was touched
   */
  readonly outcome: 'applied' | 'partial' | 'refused'
  /** From the call to the cookies and storage read back. */
  readonly applyMs: number
  /** How long requests were held back. */
  readonly heldMs: number
  /** How many cookies are in. */
  readonly cookies: number
  readonly refused: readonly RefusedCookie[]
  readonly partial: readonly PartialState[]
  /** What the session occupies now: `previous` of the next apply. */
  readonly owned: OwnedSites
  /** This Chrome's user agent is not the one that the state was given to. */
  readonly userAgentDiffers: boolean
  /**
   * What became of it while answers to requests from before were on their way (about a second). Never rejects.
   *
   * - `kept`: it stayed
   * - `applied_again`: a late answer had undone a part, and it was put in once more
   * - `given_up`: a newer apply began, the signal ended it, another worker acts, or Chrome went away
   */
  readonly settled: Promise<Settlement>
}

export type Settlement = 'kept' | 'applied_again' | 'given_up'

/** Something that could not be replaced: a part of an origin's storage, or a cookie of a domain. */
export interface PartialState {
  readonly origin: string
  readonly what: string
}
