import type { SessionState } from '@session-broker/shared'
import type { Credentials, SessionDefinition } from '../session-definition.ts'

export interface LoginJob<Proved = unknown> {
  definition: SessionDefinition
  credentials: Credentials
  /** Called before a secret is typed: some forms send themselves. @throws when it must not be sent; the login then ends. */
  requestPermit(): Promise<void>
  /** Called right before each press that sends one: the process may have been stopped since. @throws likewise. */
  confirmPermit(): void
  /**
   * Given what was taken from the browser while the page still stands there, so that a failure can be looked at. What it throws is
   * the login's failure.
   */
  prove(result: LoginResult): Promise<Proved>
  /** Ends the login; nothing of it is left running when the promise settles. */
  signal: AbortSignal
}

export interface LoginResult {
  state: SessionState
  /** Where the browser stood at the end. */
  landedUrl: string
}

/**
 * Drives a real browser through the site's sign-in, takes the whole state and has it proved.
 * @returns what the proof came to.
 * @throws ProblemError `login_…`: the failure's class.
 */
export type SiteLogin = <Proved>(job: LoginJob<Proved>) => Promise<Proved>
