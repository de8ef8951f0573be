import type { ProblemError } from '@session-broker/shared'

export interface ExitRequest {
  /** URLs of the session itself: what stands there may be where nothing else may. */
  sites: readonly string[]
  /** Gives the URL of the session's own proxy; left out: straight to the sites. */
  proxy?: () => Promise<string>
  /** Asked before anything is let through, also in the middle of a connection. */
  isOver(): boolean
}

/** The one way to the sites for one login or one look; it knows where that may go. */
export interface SiteExit {
  /** What the proxy at `SiteExits.server` knows it by. */
  username: string
  password: string
  /** The session's own proxy as `host:port`, without what it wants to sign in. */
  via?: string
  /** Why the URL was not let through: `login_misconfigured`. Undefined where nothing was refused. */
  refusalOf(url: string): ProblemError | undefined
  /** Cuts what is open; may be called again. */
  close(): void
}

export interface SiteExits {
  /** The URL of an HTTP proxy on loopback, which lets nobody through but those who name an exit. */
  server: string
  /** A URL that is answered here, with nothing, to who names an exit: for a browser to show once that it can. */
  doorbell: string
  /** @throws ProblemError `login_misconfigured` where the session's proxy cannot be looked up. */
  open(request: ExitRequest): Promise<SiteExit>
}
