import type { OperationRecord, SessionPlace } from '../../session/ports/session-store.ts'
import { readOperationRecord, writeOperationRecord } from '../operation-record.ts'
import type { Step } from './step.ts'

export function saveOperation(
  { db, nowMs }: Step,
  { account }: SessionPlace,
  { record, keepMs }: { record: OperationRecord; keepMs: number },
): void {
  db.prepare('DELETE FROM operation WHERE expires_at_ms <= ?').run(nowMs)
  db.prepare('INSERT OR REPLACE INTO operation (account, id, record, expires_at_ms) VALUES (?, ?, ?, ?)').run(
    account,
    record.operation.id,
    writeOperationRecord(record),
    nowMs + Math.ceil(keepMs),
  )
}

export function findOperation(
  { db, nowMs }: Step,
  { account }: SessionPlace,
  id: string,
): OperationRecord | undefined {
  const found = db
    .prepare('SELECT record FROM operation WHERE account = ? AND id = ? AND expires_at_ms > ?')
    .get(account, id, nowMs)
  return found && readOperationRecord(String(found.record))
}
