import type { Check, SessionState } from '@session-broker/shared'

declare const sealedBrand: unique symbol
/** A state that is unreadable without the key; the only form in which one leaves the process. */
export type SealedState = string & { [sealedBrand]: true }

/** What is sealed together: the state and the check that proved it. */
export interface SealableState {
  state: SessionState
  check: Check
}

/** Where the state belongs. A seal opens at its own place alone. */
export interface SealPlace {
  session: string
  generation: number
  revision: number
}

export interface StateSealer {
  seal(content: SealableState, place: SealPlace): SealedState
  /** @throws ProblemError `state_unreadable`: another key, another place, or tampered with. */
  unseal(sealed: SealedState, place: SealPlace): SealableState
}
