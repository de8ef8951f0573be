import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Check } from '@session-broker/shared'
import { buildSite } from './build-site.ts'
import type { SiteStats } from './counters.ts'
import { createSiteContext } from './create-site-context.ts'
import type { Personality } from './personality.ts'
import { readStats } from './read-stats.ts'
import { siteCheck } from './site-check.ts'
import type { SiteSession } from './site-sessions.ts'

export interface SiteOptions extends Partial<Personality> {
  /** Left out: a free one. */
  port?: number
  /** Left out: 127.0.0.1. Another address of 127/8 gives a cookie jar of its own. */
  host?: string
  /** Passwords by username; left out: one account, `alice`, with a random password. */
  accounts?: Record<string, string>
  /** Opens `/_admin/…` to other processes that show it as a bearer token. */
  adminToken?: string
  /** Milliseconds since 1970. */
  now?: () => number
}

/** Where the site is and who can sign in: the first account. */
export interface SiteAddress {
  readonly name: string
  /** The origin, without a slash at its end. */
  readonly url: string
  readonly loginUrl: string
  readonly username: string
  readonly password: string
  /** Stands on `/` when `username` is signed in. */
  readonly signedInText: string
  /** Fits the personality that it is read under. */
  readonly check: Check
}

export interface LocalSite extends SiteAddress {
  stats(): SiteStats
  sessions(): SiteSession[]
  /** All sessions die at the site; says how many. */
  killSessions(): number
  personality(): Personality
  change(part: Partial<Personality>): void
  setPassword(username: string, password: string): void
  close(): Promise<void>
}

export const defaultUsername = 'alice'

/** Starts the site in this process. */
export async function startSite(options: SiteOptions = {}): Promise<LocalSite> {
  const { port = 0, host = '127.0.0.1', adminToken, now = Date.now } = options
  const accounts = options.accounts ?? { [defaultUsername]: randomBytes(12).toString('base64url') }
  const [first] = Object.entries(accounts)
  if (first === undefined) throw new Error('the site wants at least one account')
  const [username, password] = first

  const closing = new AbortController()
  const context = createSiteContext(accounts, options, { now, closing: closing.signal })
  const app = buildSite(context, adminToken)
  await app.listen({ port, host })
  const { port: boundPort } = app.server.address() as AddressInfo
  const url = `http://${host}:${boundPort}`

  return {
    name: 'local',
    url,
    loginUrl: `${url}/login`,
    username,
    password,
    signedInText: `Hello, ${username}`,
    get check() {
      return siteCheck(url, username, context.personality())
    },
    stats: () => readStats(context),
    sessions: () => context.sessions.list(),
    killSessions: () => context.sessions.killAll(),
    personality: () => context.personality(),
    change: (part) => context.change(part),
    setPassword: (name, newPassword) => void context.accounts.set(name, newPassword),
    async close() {
      closing.abort()
      await app.close()
    },
  }
}
