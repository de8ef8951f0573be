import { chmodSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ProblemError } from '@session-broker/shared'
import type { Log } from '../../session/ports/log.ts'
import { endBrowsersIn, killBrowsersIn } from './end-browsers-in.ts'
import { type FileLock, tryLockFile } from './lock-file.ts'

/** Where one broker's browsers keep everything that they write. */
export interface BrowserFolder {
  /** An empty folder for one browser. */
  create(): string
  /** Ends what runs in a folder that `create` made, and removes it. Never rejects; what is left is removed at the next start. */
  remove(created: string): Promise<void>
  /** Ends every browser in it and removes all; may be called again. */
  close(): Promise<void>
}

/** A process that is being killed may still write a file: try again. */
const removing = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }

/**
 * Takes a numbered folder for this broker, which several may do in one data folder, and clears those of brokers that are
 * gone: their browsers are ended and their profiles removed. A number is taken by a lock on `NUMBER.lock`; that file
 * stays, empty, so that nobody ever locks one that another is just removing.
 * @throws ProblemError `login_misconfigured` where the folder cannot be used.
 */
export async function openBrowserFolder({
  folder,
  log,
}: {
  folder: string
  log: Pick<Log, 'warn'>
}): Promise<BrowserFolder> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    // As it stands in the command line of a browser, whoever started that.
    const { path, lock } = await takeOne(realpathSync(folder), log)
    return openTaken(path, lock)
  } catch (error) {
    const { errcode, code, message } = error as NodeJS.ErrnoException & { errcode?: number }
    const why = errcode === undefined ? code : message
    throw new ProblemError(
      'login_misconfigured',
      `the folder ${folder}, for the profiles of the browser that logs in, cannot be used: ${why}`,
      { cause: error },
    )
  }
}

interface Taken {
  path: string
  lock: FileLock
}

async function takeOne(folder: string, log: Pick<Log, 'warn'>): Promise<Taken> {
  let taken: Taken | undefined
  for (const number of numbersIn(folder)) {
    const cleared = await takeAndClear(join(folder, number), log)
    if (taken) cleared?.lock.release()
    else taken = cleared
  }
  for (let next = 1; !taken; next++) taken = await takeAndClear(join(folder, String(next)), log)
  return taken
}

function numbersIn(folder: string): Set<string> {
  const names = readdirSync(folder).map((name) => /^([1-9]\d*)(?:\.lock)?$/.exec(name)?.[1])
  return new Set(names.filter((name) => name !== undefined))
}

/** Undefined where a living broker has it, or where it cannot be cleared. */
async function takeAndClear(path: string, log: Pick<Log, 'warn'>): Promise<Taken | undefined> {
  const lock = tryLockFile(`${path}.lock`)
  if (!lock) return undefined
  try {
    if (await clear(path)) return { path, lock }
    log.warn({ reason: path }, 'a browser of a broker that is gone does not end: its folder stays')
  } catch (error) {
    log.warn({ reason: path, error }, 'the folder of a broker that is gone could not be removed')
  }
  lock.release()
  return undefined
}

async function clear(path: string): Promise<boolean> {
  if (!(await endBrowsersIn(path))) return false
  await rm(path, removing)
  return true
}

function openTaken(path: string, lock: FileLock): BrowserFolder {
  let created = 0
  let closing: Promise<void> | undefined
  // For the end that waits for nothing: a second signal, or a stop that takes too long.
  const clearNow = () => {
    killBrowsersIn(path)
    rmSync(path, removing)
  }
  process.once('exit', clearNow)

  async function close(): Promise<void> {
    await clear(path).catch(() => undefined)
    process.off('exit', clearNow)
    lock.release()
  }

  return {
    create() {
      created++
      const own = join(path, String(created))
      mkdirSync(own, { recursive: true, mode: 0o700 })
      return own
    },
    async remove(own) {
      await clear(own).catch(() => undefined)
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
