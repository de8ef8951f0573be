import type { IndexedDb } from '@session-broker/shared'
import { decodeValue } from './decode-value.ts'

/** Runs in the page: deletes the database, or rejects when a page has kept it open for `waitMs`. */
export function deleteDatabase(name: string, waitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
    request.onblocked = () => setTimeout(() => reject(new Error('blocked')), waitMs)
  })
}

/** Runs in the page: creates the database with its stores, indexes and records. It must not exist. */
export async function restoreDatabase({ name, version, stores }: IndexedDb, waitMs: number): Promise<void> {
  const db = await openNew({ name, version, stores }, waitMs)
  try {
    if (stores.length === 0) return
    const transaction = db.transaction(
      stores.map((store) => store.name),
      'readwrite',
    )
    const written = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    for (const store of stores) {
      const objectStore = transaction.objectStore(store.name)
      for (const record of store.records) {
        const value = 'value' in record ? record.value : decodeValue(record.valueEncoded)
        const key = 'key' in record ? record.key : decodeValue(record.keyEncoded)
        objectStore.add(value, key as IDBValidKey | undefined)
      }
    }
    await written
  } finally {
    db.close()
  }
}

function openNew({ name, version, stores }: IndexedDb, waitMs: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => {
      for (const store of stores) {
        const objectStore = request.result.createObjectStore(store.name, {
          keyPath: store.keyPathArray ?? store.keyPath ?? null,
          autoIncrement: store.autoIncrement,
        })
        for (const { name, keyPath, keyPathArray, unique, multiEntry } of store.indexes)
          objectStore.createIndex(name, keyPathArray ?? keyPath ?? '', { unique, multiEntry })
      }
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    request.onblocked = () => setTimeout(() => reject(new Error('blocked')), waitMs)
  })
}

/** Everything that the two reach beyond the decoders, for `runInPage`. */
export const databaseFunctions = [deleteDatabase, restoreDatabase, openNew]
