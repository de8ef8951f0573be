declare const sealedBrand: unique symbol
/** A text that is unreadable without the key. */
export type SealedNote = string & { [sealedBrand]: 'note' }

/** Where a note belongs. A seal opens at its own place alone. */
export interface NotePlace {
  session: string
  challenge: string
  part: 'prompt' | 'picture' | 'answer'
}

/** Seals what a login and a person tell each other. */
export interface NoteSealer {
  seal(text: string, place: NotePlace): SealedNote
  /** Undefined where it was sealed with another key, for another place, or tampered with. */
  unseal(sealed: SealedNote, place: NotePlace): string | undefined
}
