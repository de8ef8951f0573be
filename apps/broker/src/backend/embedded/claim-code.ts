import type { SessionPlace } from '../../session/ports/session-store.ts'
import type { Step } from './step.ts'

/** Of the codes of an authenticator app. */
const periodMs = 30_000

/** Further ahead than any clock is wrong: it was claimed while this machine's clock was. */
const mostAhead = 120

export function claimCode({ db, nowMs }: Step, { account }: SessionPlace, window: number): boolean {
  const known = db.prepare('SELECT window FROM code WHERE account = ?').get(account)
  const newest = Number(known?.window ?? 0)
  const isPlausible = newest <= nowMs / periodMs + mostAhead
  if (isPlausible && window <= newest) return false
  db.prepare('INSERT OR REPLACE INTO code (account, window) VALUES (?, ?)').run(account, window)
  return true
}
