import { seatHere } from './seat.ts'

/** What was last put in for a session, by whichever worker; kept in Chrome's profile. No cookie, and no value of one. */
export interface Note {
  generation: number
  revision: number
  obtainedAt: string
  /** What it occupies. */
  domains: readonly string[]
  origins: readonly string[]
}

/** Runs in the page. */
export function readNote(session: string): Note | null {
  const text = localStorage.getItem(`session ${session}`)
  return text === null ? null : JSON.parse(text)
}

/**
 * Runs in the page: notes what is about to go in.
 * @returns false where this worker does not act any more; then nothing is noted
 */
export function confirmTurn({ session, note }: { session: string; note: Note | null }): boolean {
  const isActing = seatHere().held.has(`session ${session}`)
  if (isActing && note) localStorage.setItem(`session ${session}`, JSON.stringify(note))
  return isActing
}
