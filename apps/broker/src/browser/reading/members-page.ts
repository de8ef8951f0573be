import { isPasswordField } from './field-role.ts'
import type { FrameReading } from './page-reading.ts'
import { words } from './words.ts'

/** A page between password and session has no more to say and to press than this. */
const mostButtons = 10
const mostText = 1_200

/**
 * Whoever can sign out, on a page with much on it, is in: there, "approve" and "later" and a field for a number are the
 * account's own affairs.
 */
export function isMembersPage(frames: readonly FrameReading[]): boolean {
  const canSignOut = frames.some(({ seen }) => seen.buttons.some(({ text }) => words.signOut.test(text)))
  if (!canSignOut || frames.some(({ seen }) => seen.fields.some(isPasswordField))) return false
  const buttons = frames.reduce((sum, { seen }) => sum + seen.buttons.length, 0)
  const text = frames.reduce((sum, { seen }) => sum + seen.text.length, 0)
  return buttons > mostButtons || text > mostText
}
