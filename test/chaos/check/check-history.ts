import type { History } from '../history/history.ts'
import { checkLogins } from './check-logins.ts'
import { checkPublications } from './check-publications.ts'
import { checkReads } from './check-reads.ts'
import type { Violation } from './violation.ts'

/** A session is a register that only grows; so everything can be checked by walking along it. */
export function checkHistory(history: History): Violation[] {
  return [...checkPublications(history), ...checkReads(history), ...checkLogins(history)]
}
