import type { DatabaseSync } from 'node:sqlite'

/** All or nothing; on the disk when it returns. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite itself has ended the transaction after some errors (a full disk).
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
