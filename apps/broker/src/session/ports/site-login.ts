import type { SessionState } from '@session-broker/shared'
import type { Credentials, SessionDefinition } from '../session-definition.ts'

export interface LoginJob {
  definition: SessionDefinition
  credentials: Credentials
  /** Called before a secret is typed: some forms send themselves. @throws when it must not be sent; the login then ends. */
  requestPermit(): Promise<void>
  /** Called right before each press that sends one: the process may have been stopped since. @throws likewise. */
  confirmPermit(): void
  /** Ends the login; nothing of it is left running when the promise settles. */
  signal: AbortSignal
}

export interface LoginResult {
  state: SessionState
  /** Where the browser stood at the end. */
  landedUrl: string
}

/**
 * Drives a real browser through the site's sign-in and takes the whole state.
 * @throws ProblemError `login_…`: the failure's class.
 */
export type SiteLogin = (job: LoginJob) => Promise<LoginResult>
