import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check } from '@session-broker/shared'
import type { Page } from 'playwright'

/** A web app that nobody here wrote, running on an address of its own (cookies don't know ports). */
export interface ThirdPartySite {
  readonly name: string
  /** The origin, without a slash at its end. */
  readonly url: string
  readonly loginUrl: string
  readonly username: string
  readonly password: string
  /** The secret of the authenticator app, in base32, and what that shows now; where the site asks for a code. */
  readonly totp?: string
  nextCode?(): Promise<string>
  /** The form's parts, as Playwright selectors. */
  readonly fields: { username: string; password: string; submit: string; code?: string }
  /** What else has to be clicked, as a recipe's `after` says it. */
  readonly after?: readonly { click: string }[]
  readonly check: Check
  /** How a test sees in a page that it is signed in: `selector` is visible at `url`, and to strangers it is not. */
  readonly signedIn: { url: string; selector: string }
  /** Logs out as a person does, in a page that shows `signedIn.url`. */
  logOut(page: Page): Promise<void>
  /** It keeps no list of sessions: who has logged out has only thrown a cookie away. */
  readonly keepsNoSessions?: true
  /** All sessions die at the site. */
  killSessions(): Promise<void>
  close(): Promise<void>
}

export interface StartOptions {
  signal?: AbortSignal
}

/** How long an app has to answer once it was started. */
export const startMs = 30_000

export const randomPassword = () => randomBytes(12).toString('base64url')

/** A folder for everything that one running app writes; goes with `opened`. */
export async function temporaryFolder(name: string, opened: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `session-broker-${name}-`))
  return opened.adopt(folder, () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
}
