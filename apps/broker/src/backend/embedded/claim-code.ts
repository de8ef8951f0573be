import type { SessionPlace } from '../../session/ports/session-store.ts'
import type { Step } from './step.ts'

export function claimCode({ db }: Step, { account }: SessionPlace, window: number): boolean {
  const known = db.prepare('SELECT window FROM code WHERE account = ?').get(account)
  if (window <= Number(known?.window ?? 0)) return false
  db.prepare('INSERT OR REPLACE INTO code (account, window) VALUES (?, ?)').run(account, window)
  return true
}
