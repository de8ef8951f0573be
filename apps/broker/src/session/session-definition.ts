import type { Check, Recipe } from '@session-broker/shared'
import type { LoginBudget } from './login-history.ts'
import type { SessionPlace } from './ports/session-store.ts'

export interface Credentials {
  username: string
  password: string
  /**
   * Makes the one-time code of now; left out where there is no secret for it.
   * @param claim says whether a code of this window may be sent: none is sent twice.
   * @throws the signal's reason
   */
  code?: (claim: (window: number) => Promise<boolean>, signal: AbortSignal) => Promise<string>
  /** Gets a code that the site has mailed or sent by message, without a person. */
  fetchCode?: (signal: AbortSignal) => Promise<string>
  /** Names these secrets and tells nothing of them; others have another. */
  tag: string
}

/** What the broker does by itself to keep a session fresh. */
export interface Upkeep {
  /** How often it is checked; left out: only when somebody says that it is dead. */
  checkEveryMs?: number
  /** So long before its predicted end it is renewed. */
  renewBeforeMs: number
  /** At this age it is renewed, whatever is predicted; left out: no limit. */
  maxAgeMs?: number
}

/** How people may be asked for what only they can do. */
export interface ChallengePolicy {
  /** How long they have, in one login. */
  timeoutMs: number
  /** How often they may be asked within 24 hours. */
  perDay: number
}

/** A session as it is configured. */
export interface SessionDefinition extends SessionPlace {
  loginUrl: string
  /** Left out: derived at each login. */
  check?: Check
  recipe: Recipe
  /** When a login has ended for certain. */
  loginTimeoutMs: number
  budget: LoginBudget
  challenge: ChallengePolicy
  /** The broker only opens the page: nobody has given it a username and a password. */
  byHand: boolean
  /** Published though the site binds it to the broker's device. */
  acceptsDeviceBound?: boolean
  upkeep: Upkeep
  /** Its cookies change in use: workers may give back what their Chromes have made of them. */
  writeBack?: boolean
  /** The URL of the proxy that this session leaves by, with what it wants to sign in. @throws ProblemError `login_misconfigured`. */
  proxy?(): Promise<string>
  /** Resolved at each login, never kept. @throws ProblemError `login_misconfigured`. */
  credentials(): Promise<Credentials>
}
