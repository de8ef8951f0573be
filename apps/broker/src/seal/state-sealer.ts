import { ProblemError } from '@session-broker/shared'
import type { SealedState, SealPlace, StateSealer } from '../session/ports/state-sealer.ts'
import { createTextSealer, type SealedPlace } from './seal-text.ts'
import type { SealingKey } from './sealing-key.ts'

/** @param keys the first one seals, all of them open. */
export function createStateSealer(keys: { keys: readonly SealingKey[] }): StateSealer {
  const sealer = createTextSealer(keys)
  return {
    seal: (content, place) => sealer.seal(JSON.stringify(content), partsOf(place)) as SealedState,
    unseal(sealed, place) {
      const opened = sealer.unseal(sealed, partsOf(place))
      if (opened.text === undefined) throw unreadable(place, opened.why)
      // What opens was written by a holder of the key in this format: its shape needs no second proof.
      return JSON.parse(opened.text)
    },
  }
}

function partsOf({ session, generation, revision }: SealPlace): SealedPlace {
  return ['state', session, generation, revision]
}

function unreadable({ session, generation, revision }: SealPlace, why: string): ProblemError {
  const which = `the stored state of ${session}, generation ${generation}, revision ${revision}`
  return new ProblemError('state_unreadable', `${which} cannot be opened: ${why}`)
}
