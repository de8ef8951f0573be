import type { IssuedSession, UserAgentMetadata } from '@session-broker/shared'
import type { FollowedSession } from '../follow/follow-session.ts'
import { type KeepOptions, keepContext, putInto as putState } from '../in-browser/keep-context.ts'
import { asOpenContext } from './as-open-context.ts'
import type { PuppeteerBrowser, PuppeteerContext } from './puppeteer-types.ts'

export { toPuppeteerCookies } from './puppeteer-cookies.ts'
export type { KeepOptions, PuppeteerBrowser, PuppeteerContext }

/** Puts one state into a browser (its default context) or one of its contexts, once: cookies with every attribute, and localStorage. */
export function putInto(into: PuppeteerBrowser | PuppeteerContext, session: IssuedSession): Promise<void> {
  return putState(asOpenContext(contextOf(into)), session)
}

/**
 * Puts the newest state into a browser or one of its contexts, and every newer one, until it is closed. Requests of the open pages to
 * the session’s hosts wait while cookies and localStorage are replaced; what the session does not own is left alone. An older
 * state never replaces a newer one.
 */
export function keepSignedIn(
  into: PuppeteerBrowser | PuppeteerContext,
  options: KeepOptions,
): Promise<FollowedSession> {
  return keepContext(asOpenContext(contextOf(into)), options)
}

/** For `page.setUserAgent`: what the state was given to, for sites that bind the session to it. */
export function userAgentOf({ userAgent, userAgentMetadata }: IssuedSession): {
  userAgent: string
  userAgentMetadata?: UserAgentMetadata
} {
  return { userAgent, ...(userAgentMetadata && { userAgentMetadata }) }
}

function contextOf(into: PuppeteerBrowser | PuppeteerContext): PuppeteerContext {
  return 'defaultBrowserContext' in into ? into.defaultBrowserContext() : into
}
