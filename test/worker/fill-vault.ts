/** Runs in a page: localStorage and an IndexedDB database with every kind of key and value that can be carried. */
export const fillVault = `new Promise((resolve, reject) => {
  localStorage.setItem('token', 'žluť "quoted" \\u2028 </script>')
  localStorage.setItem('', 'no name')
  const request = indexedDB.open('vault', 7)
  request.onerror = () => reject(request.error)
  request.onupgradeneeded = () => {
    const db = request.result
    const users = db.createObjectStore('users', { keyPath: ['org', 'id'] })
    users.createIndex('byMail', 'mail', { unique: true })
    users.createIndex('byTags', 'tags', { multiEntry: true })
    users.createIndex('byBoth', ['org', 'mail'])
    db.createObjectStore('log', { autoIncrement: true })
    db.createObjectStore('any')
    db.createObjectStore('none')
  }
  request.onsuccess = () => {
    const db = request.result
    const tx = db.transaction(['users', 'log', 'any'], 'readwrite')
    tx.objectStore('users').add({ org: 'a', id: 1, mail: 'x@y', tags: ['t1', 't2'] })
    tx.objectStore('log').add('first')
    tx.objectStore('log').add({ second: true })
    const circle = { name: 'circle', at: new Date(0) }
    circle.self = circle
    const shared = [1]
    const values = {
      circle, twice: { a: shared, b: shared, at: new Date(0) }, date: new Date(1e12), bytes: new Uint8Array([0, 255, 7]), buffer: new Uint8Array([1, 2]).buffer,
      floats: new Float64Array([1.5, -0]), bigs: new BigInt64Array([-5n]), big: 123456789012345678901n, map: new Map([['k', new Date(5)], [1, new Set([1, 'a'])]]),
      odd: [undefined, null, NaN, Infinity, -Infinity, -0, true, 'text'], regexp: /a+b/gi, error: new TypeError('went wrong'),
    }
    for (const [key, value] of Object.entries(values)) tx.objectStore('any').add(value, key)
    tx.objectStore('any').add('by date', new Date(7))
    tx.objectStore('any').add('by bytes', new Uint8Array([3]))
    tx.objectStore('any').add('by array', ['a', 1])
    tx.oncomplete = () => { db.close(); resolve() }
    tx.onabort = () => reject(tx.error)
  }
})`
