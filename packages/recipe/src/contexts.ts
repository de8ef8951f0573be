import type { FailureClass } from '@session-broker/shared'
import type { Locator } from 'playwright'

/** What every function of a recipe is told. */
export interface VisitContext {
  /** The session's name in the configuration. */
  readonly session: string
  readonly loginUrl: string
  /** Aborted when the time is over; the page is closed then. */
  readonly signal: AbortSignal
}

/** While it logs in. The password is not handed out: it is typed here, and only once it may be sent. */
export interface LoginContext extends VisitContext {
  readonly username: string
  /**
   * Types the password into a field. From then on it counts as sent, since some forms send themselves.
   * @throws where it must not be sent now, or was sent before.
   */
  typePassword(field: Locator): Promise<void>
  /**
   * Types a one-time code, under the same conditions: from the app whose secret is configured, otherwise from a person, who is asked.
   * @param options.from `person`: the code was sent by mail or message, whatever is configured
   * @throws where there is none, or the app's was sent before.
   */
  typeCode(field: Locator, options?: { from: 'person' }): Promise<void>
  /** Presses what sends a secret: looks once more whether it may be sent. */
  press(button: Locator): Promise<void>
  /** Puts a line into the login's trail, which `login --explain` prints and a failure keeps. */
  note(text: string): void
  /**
   * Ends the login, and says why.
   * @param reason decides when the next login may be made
   * @param detail goes to those who wait for the login: no secret may be in it
   */
  fail(reason: FailReason, detail: string): never
}

/** The classes of failure that a page can show. */
export type FailReason = Exclude<FailureClass, 'misconfigured' | 'timeout_after_submit'>

/** While it logs out. */
export interface LogOutContext extends VisitContext {
  /** The page of the session's check; it stands there already. */
  readonly checkUrl: string
}
