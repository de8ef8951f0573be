import type { IndexedDb, OriginStorage } from '@session-broker/shared'
import { type Encoding, encodeValue } from './encode-value.ts'

export interface CollectedStorage extends OriginStorage {
  /** What has no form outside this browser, by name. */
  lost: string[]
}

/**
 * Runs in a page of the origin: all that it keeps in localStorage and IndexedDB, in the form of Playwright's storageState.
 * @returns JSON, since a value that is handed over may not be nested deeply
 */
export async function collectStorage(origin: string): Promise<string> {
  const lost = new Set<string>()
  const names = Object.keys(localStorage)
  const databases = await indexedDB.databases()
  const collected: CollectedStorage = {
    origin,
    localStorage: names.map((name) => ({ name, value: localStorage.getItem(name) ?? '' })),
    indexedDB: await Promise.all(databases.map(({ name = '' }) => collectDatabase(name, lost))),
    lost: [],
  }
  return JSON.stringify({ ...collected, lost: [...lost] })
}

async function collectDatabase(name: string, lost: Set<string>): Promise<IndexedDb> {
  const db = await openExisting(name)
  try {
    const storeNames = [...db.objectStoreNames]
    const transaction = storeNames.length > 0 ? db.transaction(storeNames, 'readonly') : undefined
    const stores = storeNames
      .map((each) => transaction?.objectStore(each))
      .filter((each) => each !== undefined)
    const note = (kind: string) => lost.add(`${kind} in IndexedDB ${name}`)
    return {
      name,
      version: db.version,
      stores: await Promise.all(stores.map((each) => collectStore(each, note))),
    }
  } finally {
    db.close()
  }
}

/** One that was deleted since it was listed is not made again. */
function openExisting(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.transaction?.abort()
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function collectStore(
  store: IDBObjectStore,
  note: (kind: string) => void,
): Promise<IndexedDb['stores'][number]> {
  const [keys, values] = await Promise.all([answerOf(store.getAllKeys()), answerOf(store.getAll())])
  const indexes = [...store.indexNames].map((each) => store.index(each))
  return {
    name: store.name,
    ...keyPathOf(store),
    autoIncrement: store.autoIncrement,
    indexes: indexes.map((index) => ({
      name: index.name,
      ...keyPathOf(index),
      multiEntry: index.multiEntry,
      unique: index.unique,
    })),
    records: keys.map((key, at) => ({
      ...(store.keyPath === null && writeAs('key', key, note)),
      ...writeAs('value', values[at], note),
    })),
  }
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function keyPathOf({ keyPath }: { keyPath: string | string[] | null }): {
  keyPath?: string
  keyPathArray?: string[]
} {
  if (keyPath === null) return {}
  return typeof keyPath === 'string' ? { keyPath } : { keyPathArray: [...keyPath] }
}

/** As it is where JSON holds it, otherwise encoded. */
function writeAs(
  what: 'key' | 'value',
  value: unknown,
  note: (kind: string) => void,
): Record<string, unknown> {
  const encoding: Encoding = { ids: new Map(), isPlain: true, lost: new Set() }
  const encoded = encodeValue(value, encoding)
  for (const kind of encoding.lost) note(kind)
  return encoding.isPlain ? { [what]: value } : { [`${what}Encoded`]: encoded }
}

/** Everything that `collectStorage` reaches beyond the encoders, for `runInPage`. */
export const collectors = [collectDatabase, openExisting, collectStore, answerOf, keyPathOf, writeAs]
