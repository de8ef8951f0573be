import type { DatabaseSync } from 'node:sqlite'

/** What a use of the store works on: the transaction's database and the one time that it sees. */
export interface Step {
  db: DatabaseSync
  nowMs: number
}
