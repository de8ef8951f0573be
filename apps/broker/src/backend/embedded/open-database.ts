import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '@session-broker/shared'
import { migrate } from './migrate.ts'

/** For the one that ends while the next starts. */
const handOverMs = 300

/**
 * Opens `broker.sqlite` in the folder and keeps it locked to this process; the system gives the lock back when the
 * process dies, however it dies.
 * @throws ProblemError `store_unavailable`: another broker has it open, or the folder can't be used.
 */
export function openDatabase(folder: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    const path = prepareFile(folder)
    db = new DatabaseSync(path, { timeout: handOverMs })
    // Before anything is read: in WAL mode the lock is then taken once, whole, and there is no shared-memory file.
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    db.exec('PRAGMA journal_mode = WAL')
    // Acknowledged means on the disk.
    db.exec('PRAGMA synchronous = FULL')
    migrate(db)
    return db
  } catch (error) {
    db?.close()
    throw asProblem(folder, error)
  }
}

/**
 * SQLite gives its journal the mode of the database, so that must be right before SQLite opens it. An existing file is
 * not touched: closing a second handle on it would take the lock away from a store that is open in this process.
 */
function prepareFile(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'broker.sqlite')
  if (!existsSync(path)) writeFileSync(path, '', { flag: 'a', mode: 0o600 })
  return path
}

const sqliteBusy = 5

function asProblem(folder: string, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string }
  if (errcode !== undefined && (errcode & 0xff) === sqliteBusy) {
    return new ProblemError(
      'store_unavailable',
      `the data folder ${folder} is in use by another broker: stop that one, give this one a folder of its own, or ` +
        'let both use one Redis',
    )
  }
  const why = errcode === undefined ? code : message
  return new ProblemError('store_unavailable', `the data folder ${folder} cannot be used: ${why}`, {
    cause: error,
  })
}
