import type { OriginStorage } from '@session-broker/shared'

/**
 * Runs in a page of the origin, so it stands for itself alone.
 * @returns whether localStorage is exactly what is wanted
 */
export function replaceLocalStorage({ origin, entries }: LocalStorageOf): boolean {
  if (location.origin !== origin) return false
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

export interface LocalStorageOf {
  origin: string
  entries: OriginStorage['localStorage']
}

// Of the page that it runs in.
declare const location: { readonly origin: string }
declare const localStorage: {
  readonly length: number
  getItem(name: string): string | null
  setItem(name: string, value: string): void
  removeItem(name: string): void
}
