import type { Scope } from '@session-broker/shared'

/** A key as it is configured. The key itself is kept nowhere. */
export interface ApiKey {
  name: string
  /** SHA-256 of the whole key, 64 hex digits. */
  hash: string
  scopes: readonly Scope[]
  /** Names of the sessions that it may see; left out: all. */
  sessions?: readonly string[]
}
