import { failureClasses } from '@session-broker/shared'
import { z } from 'zod'
import type { LoginAttempt } from '../../session/login-history.ts'
import type { Step } from './step.ts'

const loginRow = z.object({
  fence: z.int(),
  session: z.string(),
  operation_id: z.string(),
  phase: z.enum(['begun', 'permitted', 'committed', 'failed', 'abandoned']),
  started_at_ms: z.int(),
  permit_ends_at_ms: z.int().nullable(),
  ended_at_ms: z.int().nullable(),
  failure_class: z.enum(failureClasses).nullable(),
  failure_detail: z.string().nullable(),
})

/** The newest login of the account. */
export function findLogin({ db }: Step, account: string): LoginAttempt | undefined {
  const found = db.prepare('SELECT * FROM login WHERE account = ?').get(account)
  if (!found) return undefined
  const row = loginRow.parse(found)
  return {
    fence: row.fence,
    session: row.session,
    operationId: row.operation_id,
    phase: row.phase,
    startedAtMs: row.started_at_ms,
    ...(row.permit_ends_at_ms !== null && { permitEndsAtMs: row.permit_ends_at_ms }),
    ...(row.ended_at_ms !== null && { endedAtMs: row.ended_at_ms }),
    ...(row.failure_class !== null && {
      failure: { class: row.failure_class, detail: row.failure_detail ?? '' },
    }),
  }
}

export function saveLogin({ db }: Step, account: string, login: LoginAttempt): void {
  const { fence, session, operationId, phase, startedAtMs, permitEndsAtMs, endedAtMs, failure } = login
  db.prepare(
    `INSERT OR REPLACE INTO login
      (account, fence, session, operation_id, phase, started_at_ms, permit_ends_at_ms, ended_at_ms,
        failure_class, failure_detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[account, fence, session, operationId, phase, startedAtMs, permitEndsAtMs ?? null],
    ...[endedAtMs ?? null, failure?.class ?? null, failure?.detail ?? null],
  )
}

export function isRunning({ phase }: LoginAttempt): boolean {
  return phase === 'begun' || phase === 'permitted'
}
