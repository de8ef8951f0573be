import { ProblemError } from '@session-broker/shared'
import type {
  SealableState,
  SealedState,
  StateSealer,
} from '../../../../apps/broker/src/session/ports/state-sealer.ts'

/** Seals nothing, but knows what belongs where. */
export const plainSealer: StateSealer = {
  seal: (content, place) => JSON.stringify({ content, place }) as SealedState,
  unseal(sealed, place) {
    const read = JSON.parse(sealed)
    if (JSON.stringify(read.place) === JSON.stringify(place)) return read.content
    throw new ProblemError('state_unreadable', 'it belongs to another place')
  },
}

/** What is in it, wherever it belongs. */
export function contentOf(sealed: SealedState): SealableState {
  return JSON.parse(sealed).content
}
