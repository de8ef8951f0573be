/** The way to a value: keys of maps, indexes of lists. */
export type KeyPath = readonly (string | number)[]

/** As people read it: `keys[0].scopes`, `sessions.shop`. */
export function showPath(path: KeyPath): string {
  return path
    .map((segment) => {
      if (typeof segment === 'number') return `[${segment}]`
      return isName(segment) ? `.${segment}` : `[${isPresentable(segment) ? JSON.stringify(segment) : '…'}]`
    })
    .join('')
    .replace(/^\./, '')
}

function isName(segment: string): boolean {
  return /^[A-Za-z0-9_-]{1,63}$/.test(segment)
}

/** Words, yes; anything else may be a secret that slipped into a key's place. */
export function isPresentable(segment: string): boolean {
  return /^[A-Za-z0-9 _.-]{1,63}$/.test(segment)
}

/** The value at the end of the way; `undefined` where the way ends before. */
export function valueAt(data: unknown, path: KeyPath): unknown {
  let value = data
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  return value
}

/** The map there; an empty one where there is none. */
export function mapAt(data: unknown, path: KeyPath): Record<string, unknown> {
  const value = valueAt(data, path)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
