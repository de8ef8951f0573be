import { failureClasses } from '@session-broker/shared'
import { z } from 'zod'
import type { Breaker, LoginHistory } from '../../session/login-history.ts'
import type { Step } from './step.ts'

/** What keeps an account from its next login, beside the budget. */
export type Restraint = Pick<LoginHistory, 'failuresInRow' | 'nextTryAtMs' | 'breaker'>

const restraintRow = z.object({
  failures_in_row: z.int(),
  next_try_at_ms: z.int(),
  breaker_class: z.enum(failureClasses).nullable(),
  breaker_since_ms: z.int().nullable(),
  breaker_tag: z.string().nullable(),
})

export function findRestraint({ db }: Step, account: string): Restraint {
  const found = db.prepare('SELECT * FROM restraint WHERE account = ?').get(account)
  if (!found) return { failuresInRow: 0 }
  const row = restraintRow.parse(found)
  const breaker: Breaker | undefined = row.breaker_class
    ? {
        class: row.breaker_class,
        sinceMs: row.breaker_since_ms ?? 0,
        ...(row.breaker_tag !== null && { credentialsTag: row.breaker_tag }),
      }
    : undefined
  return {
    failuresInRow: row.failures_in_row,
    ...(row.next_try_at_ms > 0 && { nextTryAtMs: row.next_try_at_ms }),
    ...(breaker && { breaker }),
  }
}

export function saveRestraint({ db }: Step, account: string, restraint: Restraint): void {
  const { failuresInRow, nextTryAtMs, breaker } = restraint
  db.prepare(
    `INSERT OR REPLACE INTO restraint
      (account, failures_in_row, next_try_at_ms, breaker_class, breaker_since_ms, breaker_tag)
      VALUES (?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[account, failuresInRow, nextTryAtMs ?? 0],
    ...[breaker?.class ?? null, breaker?.sinceMs ?? null, breaker?.credentialsTag ?? null],
  )
}

export function liftRestraint({ db }: Step, account: string): void {
  db.prepare('DELETE FROM restraint WHERE account = ?').run(account)
}
