import type { WorkerStatus } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { keptReportsMs } from '../worker-reports.ts'
import type { Step } from './step.ts'

export function saveWorkerReport({ db, nowMs }: Step, place: SessionPlace, status: WorkerStatus): void {
  db.prepare('DELETE FROM worker_report WHERE reported_at_ms < ?').run(nowMs - keptReportsMs)
  db.prepare(
    'INSERT OR REPLACE INTO worker_report (account, session, id, status, reported_at_ms) VALUES (?, ?, ?, ?, ?)',
  ).run(place.account, place.session, status.id, JSON.stringify(status), nowMs)
}

export function listWorkerReports({ db, nowMs }: Step, { account, session }: SessionPlace): WorkerStatus[] {
  const rows = db
    .prepare(
      'SELECT status FROM worker_report WHERE account = ? AND session = ? AND reported_at_ms >= ? ORDER BY id',
    )
    .all(account, session, nowMs - keptReportsMs)
  return rows.map((row) => JSON.parse(String(row.status)))
}
