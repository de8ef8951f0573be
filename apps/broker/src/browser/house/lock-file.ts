import { DatabaseSync } from 'node:sqlite'

export interface FileLock {
  release(): void
}

const sqliteBusy = 5

/**
 * Locks a file to this process, or gives undefined where somebody has it. SQLite does it, since Node itself has no locks on
 * files: the system gives the lock back when the process dies, however it dies, and knows better who lives than a pid
 * does, which another process may have by then, or another container.
 * @throws where the file cannot be made or locked.
 */
export function tryLockFile(path: string): FileLock | undefined {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    // Nothing is ever written: the file stays empty and has no journal beside it.
    file.exec('PRAGMA journal_mode = MEMORY')
    file.exec('BEGIN EXCLUSIVE')
    return { release: () => file.close() }
  } catch (error) {
    file.close()
    const { errcode } = error as { errcode?: number }
    if (errcode !== undefined && (errcode & 0xff) === sqliteBusy) return undefined
    throw error
  }
}
