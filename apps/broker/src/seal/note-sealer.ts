import type { NotePlace, NoteSealer, SealedNote } from '../session/ports/note-sealer.ts'
import { createTextSealer, type SealedPlace } from './seal-text.ts'
import type { SealingKey } from './sealing-key.ts'

/** @param keys the first one seals, all of them open. */
export function createNoteSealer(keys: { keys: readonly SealingKey[] }): NoteSealer {
  const sealer = createTextSealer(keys)
  return {
    seal: (text, place) => sealer.seal(text, partsOf(place)) as SealedNote,
    unseal: (sealed, place) => sealer.unseal(sealed, partsOf(place)).text,
  }
}

function partsOf({ session, challenge, part }: NotePlace): SealedPlace {
  return ['note', session, challenge, part]
}
