import type { Check, Expectation, SessionState, Sighting, UserAgentMetadata } from '@session-broker/shared'
import type { ExitRequest } from './site-exit.ts'

export interface LookRequest {
  url: string
  in: Check['in']
  /** What is hoped for: a page that runs is given time until it shows this. */
  expect?: Expectation
  /** Left out: the look's own. */
  userAgent?: string
  /** The client hints that go with `userAgent`. Left out: the look's own, or none. */
  userAgentMetadata?: UserAgentMetadata | undefined
  /** Left out: as a stranger. Given: with the whole of it. */
  state?: SessionState
  signal: AbortSignal
}

export interface LookResult {
  sighting: Sighting
  /** The state with what the answers changed in it; absent where none was given. */
  state?: SessionState
}

/** Where a look may go, and by which way. */
export type LookWay = Pick<ExitRequest, 'sites' | 'proxy'>

/**
 * Looks at a page of the site, with a session or as a stranger, after at most five redirects.
 * @throws SiteUnreachableError when no answer came.
 */
export type SiteLook = (request: LookRequest & LookWay) => Promise<LookResult>

/** The same, as one session goes. */
export type SessionLook = (request: LookRequest) => Promise<LookResult>

export class SiteUnreachableError extends Error {
  override readonly name = 'SiteUnreachableError'
}
