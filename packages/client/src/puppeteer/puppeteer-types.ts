import type { CdpSession } from '../in-browser/hold-pages.ts'
import type { LocalStorageOf } from '../in-browser/replace-local-storage.ts'

// What is used of Puppeteer, so that `puppeteer` and `puppeteer-core` fit, and none is needed.

/** A `BrowserContext`. */
export interface PuppeteerContext {
  cookies(): Promise<PuppeteerHeldCookie[]>
  setCookie(...cookies: PuppeteerCookie[]): Promise<void>
  pages(): Promise<PuppeteerPage[]>
  newPage(): Promise<PuppeteerPage>
}

/** A `Browser`: its default context is meant. */
export interface PuppeteerBrowser {
  defaultBrowserContext(): PuppeteerContext
}

/** A `Page`. */
export interface PuppeteerPage {
  url(): string
  isClosed(): boolean
  goto(url: string, options?: { timeout?: number }): Promise<unknown>
  reload(options?: { timeout?: number; waitUntil?: 'domcontentloaded' }): Promise<unknown>
  evaluate(pageFunction: (arg: LocalStorageOf) => boolean, arg: LocalStorageOf): Promise<boolean>
  createCDPSession(): Promise<CdpSession>
  close(): Promise<void>
}

/** `CookieData`. */
export interface PuppeteerCookie {
  name: string
  value: string
  domain: string
  path: string
  expires?: number
  httpOnly: boolean
  secure: boolean
  sameSite?: 'Strict' | 'Lax' | 'None'
  priority?: 'Low' | 'Medium' | 'High'
  sourceScheme?: 'Unset' | 'NonSecure' | 'Secure'
  partitionKey?: { sourceOrigin: string; hasCrossSiteAncestor: boolean }
}

/** `Cookie`. */
export interface PuppeteerHeldCookie {
  name: string
  value: string
  domain: string
  path: string
  expires: number
  httpOnly?: boolean
  secure: boolean
  sameSite?: 'Strict' | 'Lax' | 'None' | 'Default'
  partitionKey?: { sourceOrigin: string; hasCrossSiteAncestor?: boolean } | string
}
