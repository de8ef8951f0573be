import type { IssuedSession, OriginStorage } from '@session-broker/shared'
import type { PlaywrightCookie } from './playwright-types.ts'

/** For `browser.newContext({ storageState })`, `context.setStorageState` and `use: { storageState }` of Playwright Test. */
export interface StorageState {
  cookies: PlaywrightCookie[]
  origins: OriginStorage[]
}

/**
 * The state as Playwright’s storageState, with partitioned cookies and IndexedDB in it. What Playwright has no place for is lost:
 * `priority`, `sourceScheme` and `sourcePort` of cookies (Chrome takes its defaults), and sessionStorage.
 */
export function storageStateOf({
  cookies,
  origins,
}: Pick<IssuedSession, 'cookies' | 'origins'>): StorageState {
  return { cookies: cookies as PlaywrightCookie[], origins }
}

/** For `browser.newContext`: the state, and the user agent that it was given to. */
export function contextOptions(session: IssuedSession): { storageState: StorageState; userAgent: string } {
  return { storageState: storageStateOf(session), userAgent: session.userAgent }
}
