import { budgetWindowMs } from '../../session/login-budget.ts'
import type { Step } from './step.ts'

/** When people were asked within the last 24 hours, oldest first. */
export function findChallenged({ db, nowMs }: Step, account: string): number[] {
  const rows = db
    .prepare('SELECT at_ms FROM challenged WHERE account = ? AND at_ms > ? ORDER BY at_ms')
    .all(account, nowMs - budgetWindowMs)
  return rows.map((row) => Number(row.at_ms))
}

export function addChallenged({ db, nowMs }: Step, account: string, id: string): void {
  db.prepare('DELETE FROM challenged WHERE account = ? AND at_ms <= ?').run(account, nowMs - budgetWindowMs)
  db.prepare('INSERT OR IGNORE INTO challenged (account, id, at_ms) VALUES (?, ?, ?)').run(account, id, nowMs)
}
