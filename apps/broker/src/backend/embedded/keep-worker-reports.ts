import type { WorkerStatus } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { keptReportsMs } from '../worker-reports.ts'
import type { Step } from './step.ts'

/** @returns whether it tells for the first time how long this version took to this worker. */
export function saveWorkerReport(step: Step, place: SessionPlace, status: WorkerStatus): boolean {
  const { db, nowMs } = step
  const { id, generation, revision, commitToAppliedMs } = status
  db.prepare('DELETE FROM worker_report WHERE reported_at_ms < ?').run(nowMs - keptReportsMs)
  const timed = findTimed(step, place, id)
  const isNewer =
    generation > timed.generation || (generation === timed.generation && revision > timed.revision)
  const isFirst = commitToAppliedMs !== undefined && isNewer
  const newest = isFirst ? { generation, revision } : timed
  db.prepare(
    `INSERT OR REPLACE INTO worker_report
      (account, session, id, status, reported_at_ms, timed_generation, timed_revision)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[place.account, place.session, id, JSON.stringify(status), nowMs],
    ...[newest.generation, newest.revision],
  )
  return isFirst
}

function findTimed({ db }: Step, { account, session }: SessionPlace, id: string) {
  const found = db
    .prepare(
      'SELECT timed_generation, timed_revision FROM worker_report WHERE account = ? AND session = ? AND id = ?',
    )
    .get(account, session, id)
  return { generation: Number(found?.timed_generation ?? 0), revision: Number(found?.timed_revision ?? 0) }
}

export function listWorkerReports({ db, nowMs }: Step, { account, session }: SessionPlace): WorkerStatus[] {
  const rows = db
    .prepare(
      'SELECT status FROM worker_report WHERE account = ? AND session = ? AND reported_at_ms >= ? ORDER BY id',
    )
    .all(account, session, nowMs - keptReportsMs)
  return rows.map((row) => JSON.parse(String(row.status)))
}
