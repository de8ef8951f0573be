import type { OriginStorage, SessionState } from '@session-broker/shared'
import type { BrowserContext, Page } from 'playwright'

/** sessionStorage is a tab's own, and no state of a browser has it: read from the page that stands, frame by frame. */
export async function addSessionStorage(state: SessionState, page: Page): Promise<SessionState> {
  const found = new Map<string, OriginStorage['localStorage']>()
  for (const frame of page.frames()) {
    const { origin, entries } = await frame
      .evaluate(() => ({ origin: location.origin, entries: Object.entries(sessionStorage) }))
      .catch(() => ({ origin: 'null', entries: [] }))
    if (entries.length > 0 && origin !== 'null')
      found.set(
        origin,
        entries.map(([name, value]) => ({ name, value: String(value) })),
      )
  }
  const known = new Map(state.origins.map((each) => [each.origin, each]))
  for (const [origin, sessionStorage] of found)
    known.set(origin, { localStorage: [], ...known.get(origin), origin, sessionStorage })
  return { ...state, origins: [...known.values()] }
}

/** Puts it into each tab before the first script of its origin runs; a tab that has some already keeps it. */
export async function restoreSessionStorage(context: BrowserContext, state: SessionState): Promise<void> {
  const all = state.origins.flatMap(({ origin, sessionStorage }) =>
    sessionStorage ? [{ origin, sessionStorage }] : [],
  )
  if (all.length === 0) return
  await context.addInitScript((origins) => {
    const own = origins.find(({ origin }) => origin === location.origin)
    if (!own || sessionStorage.length > 0) return
    for (const { name, value } of own.sessionStorage) sessionStorage.setItem(name, value)
  }, all)
}

export function hasSessionStorage({ origins }: SessionState): boolean {
  return origins.some((each) => each.sessionStorage !== undefined)
}

/** As Playwright takes it. */
export function withoutSessionStorage({ sessionStorage: _, ...origin }: OriginStorage): OriginStorage {
  return origin
}
