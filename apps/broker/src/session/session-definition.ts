import type { Check, Recipe } from '@session-broker/shared'
import type { SessionPlace } from './ports/session-store.ts'

export interface Credentials {
  username: string
  password: string
}

/** A session as it is configured. */
export interface SessionDefinition extends SessionPlace {
  loginUrl: string
  /** Left out: derived at each login. */
  check?: Check
  recipe: Recipe
  /** When a login has ended for certain. */
  loginTimeoutMs: number
  /** Resolved at each login, never kept. @throws ProblemError `login_misconfigured`. */
  credentials(): Promise<Credentials>
}
