import type { Check, SessionState } from '@session-broker/shared'
import type { SessionDefinition } from '../session-definition.ts'

export interface LogOutJob {
  definition: SessionDefinition
  /** The newest one, whole: what it holds is what the site is asked to forget. */
  state: SessionState
  /** How to tell whether the site has forgotten it. */
  check: Check
  /** Ends it; nothing is left running when the promise settles. */
  signal: AbortSignal
}

export type LogOutResult =
  /** The check says that the site does not know this state any more. */
  | { loggedOut: true }
  /** `detail`: why not, for the one who asked for it; no secret is in it. `state`: with what the site has changed in it meanwhile. */
  | { loggedOut: false; detail: string; state: SessionState }

/**
 * Logs out at the site with a state, and looks whether it worked. On some sites that ends every session of the user.
 * @throws ProblemError where it could not be tried, or the signal's reason.
 */
export type SiteLogOut = (job: LogOutJob) => Promise<LogOutResult>

/**
 * Does in a browser what a person does who logs out. Whether the site took it has to be looked at.
 * @returns why there was nothing to press, where there was not.
 */
export type LogOutPress = (job: LogOutJob) => Promise<{ pressed: true } | { pressed: false; detail: string }>
