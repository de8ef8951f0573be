import type { IndexedDb, OriginStorage } from '@session-broker/shared'
import { deleteDatabase, restoreDatabase } from './restore-database.ts'

export interface StorageToWrite extends OriginStorage {
  /** How long an open page may keep a database that is to be replaced. */
  waitMs: number
}

/**
 * Runs in a page of the origin: makes its localStorage, and its databases where the state tells any, exactly the
 * state's; what the state lacks is removed.
 *
 * @returns the parts that could not be replaced, by name
 */
export async function replaceStorage(storage: StorageToWrite): Promise<string[]> {
  if (location.origin !== storage.origin) return ['all storage']
  const failed = replaceLocalStorage(storage.localStorage) ? [] : ['localStorage']
  if (!storage.indexedDB) return failed
  return [...failed, ...(await replaceDatabases(storage.indexedDB, storage.waitMs))]
}

function replaceLocalStorage(entries: OriginStorage['localStorage']): boolean {
  const wanted = new Map(entries.map(({ name, value }) => [name, value]))
  try {
    for (const name of Object.keys(localStorage)) if (!wanted.has(name)) localStorage.removeItem(name)
    // What is as it has to be is left alone: each write is an event in the site's open pages.
    for (const [name, value] of wanted)
      if (localStorage.getItem(name) !== value) localStorage.setItem(name, value)
    return localStorage.length === wanted.size
  } catch {
    // Full, or forbidden by a policy.
    return false
  }
}

async function replaceDatabases(databases: IndexedDb[], waitMs: number): Promise<string[]> {
  const present = (await indexedDB.databases()).map(({ name }) => name ?? '')
  const wanted = new Map(databases.map((database) => [database.name, database]))
  const names = [...new Set([...present, ...wanted.keys()])]
  const failed = await Promise.all(
    names.map(async (name) => {
      const database = wanted.get(name)
      try {
        await deleteDatabase(name, waitMs)
        if (database) await restoreDatabase(database, waitMs)
        return []
      } catch {
        return [`IndexedDB ${name}`]
      }
    }),
  )
  return failed.flat()
}

/** Everything that `replaceStorage` reaches beyond the databases' functions, for `runInPage`. */
export const storageFunctions = [replaceLocalStorage, replaceDatabases]
