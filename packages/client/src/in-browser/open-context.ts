import type { Cookie, OriginStorage } from '@session-broker/shared'

/** A browser context that is open, whichever library drives it. */
export interface OpenContext {
  cookies(): Promise<HeldCookie[]>
  /** Sets all of them in one call of the browser, or none; one that expired long ago is removed so. */
  setCookies(cookies: readonly Cookie[]): Promise<void>
  /** Holds back the requests to some addresses, as far as the library can, until what it gives is called. */
  hold(concerns: Concerns): Promise<() => Promise<void>>
  /** A page of its own that stands on the origin, with a document that never came from the site. */
  standOn(origin: string): Promise<OriginPage>
  /** Reloads the open pages at some addresses; gives, in words, which could not be. */
  reload(concerns: Concerns): Promise<string[]>
}

export type Concerns = (url: URL) => boolean
/** A library may not tell an unset sameSite from Lax. */
export type HeldCookie = Omit<Cookie, 'priority' | 'sourceScheme' | 'sourcePort'>

export interface OriginPage {
  /** @returns whether localStorage now is exactly this */
  replaceLocalStorage(entries: OriginStorage['localStorage']): Promise<boolean>
  close(): Promise<void>
}
