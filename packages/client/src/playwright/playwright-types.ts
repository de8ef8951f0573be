import type { Cookie } from '@session-broker/shared'
import type { CdpSession } from '../in-browser/hold-pages.ts'
import type { LocalStorageOf } from '../in-browser/replace-local-storage.ts'

// What is used of Playwright, so that a BrowserContext of `playwright`, `playwright-core` and `@playwright/test` fits, and none is needed.

/** A `BrowserContext`. */
export interface PlaywrightContext {
  addCookies(cookies: readonly PlaywrightCookie[]): Promise<void>
  cookies(): Promise<HeldCookie[]>
  pages(): PlaywrightPage[]
  newPage(): Promise<PlaywrightPage>
  newCDPSession(page: object): Promise<CdpSession>
  route(url: (url: URL) => boolean, handler: (route: PlaywrightRoute) => Promise<void>): Promise<unknown>
  unroute(url: (url: URL) => boolean, handler: (route: PlaywrightRoute) => Promise<void>): Promise<void>
  once(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}

/** A `Page`. */
export interface PlaywrightPage {
  url(): string
  isClosed(): boolean
  goto(url: string, options?: { timeout?: number }): Promise<unknown>
  reload(options?: { timeout?: number; waitUntil?: 'commit' }): Promise<unknown>
  route(url: string, handler: (route: PlaywrightRoute) => Promise<void>): Promise<unknown>
  evaluate(pageFunction: (arg: LocalStorageOf) => boolean, arg: LocalStorageOf): Promise<boolean>
  close(): Promise<void>
}

/** A `Route`. */
export interface PlaywrightRoute {
  fallback(): Promise<void>
  fulfill(response: { status: number; contentType: string; body: string }): Promise<void>
}

/** As `addCookies` and `storageState` take it; what stands beside in a session’s cookie is left out there. */
export interface PlaywrightCookie extends Omit<Cookie, 'sameSite'> {
  sameSite: 'Strict' | 'Lax' | 'None'
}

/** As `cookies()` tells it; the partition’s ancestor bit is there and not in Playwright’s types. */
export type HeldCookie = Pick<
  Cookie,
  'name' | 'value' | 'domain' | 'path' | 'expires' | 'httpOnly' | 'secure'
> & {
  sameSite: 'Strict' | 'Lax' | 'None'
  partitionKey?: string
}
