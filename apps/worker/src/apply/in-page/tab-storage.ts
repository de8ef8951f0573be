import type { OriginStorage } from '@session-broker/shared'

type Entries = OriginStorage['localStorage']

export interface TabOrigin {
  origin: string
  entries: Entries
  /** What states before this one had put in, and this one has not. */
  former: Entries
}

/**
 * Runs in each new document, before its own scripts: gives a tab the state's sessionStorage where it has none, or still has that of a
 * former state. What the tab has by itself is left alone.
 */
export function fillTabStorage(origins: TabOrigin[]): void {
  const own = origins.find(({ origin }) => origin === location.origin)
  if (!own) return
  try {
    const isFormer = own.former.some(({ name, value }) => sessionStorage.getItem(name) === value)
    if (sessionStorage.length === 0 || isFormer) replaceTabStorage(own.entries)
  } catch {
    // Forbidden here.
  }
}

/**
 * Runs in a page: makes the tab's sessionStorage exactly the state's.
 * @returns whether it is
 */
export function replaceTabStorage(entries: Entries): boolean {
  const wanted = new Map(entries.map(({ name, value }) => [name, value]))
  try {
    for (const name of Object.keys(sessionStorage)) if (!wanted.has(name)) sessionStorage.removeItem(name)
    for (const [name, value] of wanted)
      if (sessionStorage.getItem(name) !== value) sessionStorage.setItem(name, value)
    return sessionStorage.length === wanted.size
  } catch {
    // Full, or forbidden by a policy.
    return false
  }
}
