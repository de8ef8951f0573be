// What many sites do: the browser gets an id of its own, kept in localStorage and, with more detail, in IndexedDB.

const databaseName = 'device'
const storeName = 'identity'

export function deviceId() {
  const known = localStorage.getItem('device-id')
  if (known) return known
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  )
  localStorage.setItem('device-id', made.join(''))
  return made.join('')
}

/** Keeps the id with a date and bytes: values that plain JSON would lose. Leaves what is there alone. */
export function rememberDevice(id) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(databaseName, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(storeName, { keyPath: 'name' })
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      const transaction = database.transaction(storeName, 'readwrite')
      const store = transaction.objectStore(storeName)
      const finding = store.get('this-browser')
      finding.onsuccess = () => {
        if (finding.result) return
        const fingerprint = new TextEncoder().encode(id).slice(0, 8)
        store.put({ name: 'this-browser', id, firstSeen: new Date(), fingerprint })
      }
      transaction.oncomplete = () => {
        database.close()
        resolve()
      }
      transaction.onerror = () => reject(transaction.error)
    }
  })
}
