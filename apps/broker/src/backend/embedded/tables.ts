import type { DatabaseSync } from 'node:sqlite'
import { failureClasses, verdictSchema } from '@session-broker/shared'
import { z } from 'zod'
import type { LoginAttempt, SessionPlace, StoredSession } from '../../session/ports/session-store.ts'
import type { SealedState } from '../../session/ports/state-sealer.ts'

/** What a use of the store works on: the transaction's database and the one time that it sees. */
export interface Step {
  db: DatabaseSync
  nowMs: number
}

const sessionRow = z.object({
  generation: z.int(),
  revision: z.int().nullable(),
  mark: z.string().nullable(),
  obtained_at_ms: z.int().nullable(),
  verdict: verdictSchema.nullable(),
  checked_at_ms: z.int().nullable(),
  operation_id: z.string().nullable(),
  sealed: z.string().nullable(),
})

const loginRow = z.object({
  fence: z.int(),
  session: z.string(),
  operation_id: z.string(),
  phase: z.enum(['begun', 'permitted', 'committed', 'failed']),
  started_at_ms: z.int(),
  permit_ends_at_ms: z.int().nullable(),
  ended_at_ms: z.int().nullable(),
  failure_class: z.enum(failureClasses).nullable(),
  failure_detail: z.string().nullable(),
})

export type LoginRow = z.infer<typeof loginRow>

export interface KnownSession {
  /** 0 where there never was one. */
  generation: number
  stored?: StoredSession
}

export function findSession({ db }: Step, { account, session }: SessionPlace): KnownSession {
  const found = db.prepare('SELECT * FROM session WHERE account = ? AND name = ?').get(account, session)
  if (!found) return { generation: 0 }
  const { generation, ...row } = sessionRow.parse(found)
  if (row.sealed === null) return { generation }
  const stored = {
    generation,
    revision: row.revision ?? 0,
    mark: row.mark ?? '',
    obtainedAtMs: row.obtained_at_ms ?? 0,
    verdict: row.verdict ?? 'unclear',
    checkedAtMs: row.checked_at_ms ?? 0,
    operationId: row.operation_id ?? '',
    sealed: row.sealed as SealedState,
  }
  return { generation, stored }
}

export function saveSession({ db }: Step, { account, session }: SessionPlace, stored: StoredSession): void {
  db.prepare(
    `INSERT OR REPLACE INTO session
      (account, name, generation, revision, mark, obtained_at_ms, verdict, checked_at_ms, operation_id, sealed)
      VALUES (:account, :session, :generation, :revision, :mark, :obtainedAtMs, :verdict, :checkedAtMs,
        :operationId, :sealed)`,
  ).run({ account, session, ...stored })
}

/** The newest login of the account. */
export function findLogin({ db }: Step, account: string): LoginRow | undefined {
  const found = db.prepare('SELECT * FROM login WHERE account = ?').get(account)
  return found && loginRow.parse(found)
}

export function saveLogin({ db }: Step, account: string, row: LoginRow): void {
  db.prepare(
    `INSERT OR REPLACE INTO login
      (account, fence, session, operation_id, phase, started_at_ms, permit_ends_at_ms, ended_at_ms,
        failure_class, failure_detail)
      VALUES (:account, :fence, :session, :operation_id, :phase, :started_at_ms, :permit_ends_at_ms, :ended_at_ms,
        :failure_class, :failure_detail)`,
  ).run({ account, ...row })
}

export function asAttempt(row: LoginRow): LoginAttempt {
  return {
    fence: row.fence,
    session: row.session,
    operationId: row.operation_id,
    phase: row.phase,
    startedAtMs: row.started_at_ms,
    ...(row.ended_at_ms !== null && { endedAtMs: row.ended_at_ms }),
    ...(row.failure_class !== null && {
      failure: { class: row.failure_class, detail: row.failure_detail ?? '' },
    }),
  }
}

export function isRunning(row: LoginRow): boolean {
  return row.phase === 'begun' || row.phase === 'permitted'
}
