import { z } from 'zod'
import { budgetWindowMs } from '../../session/login-budget.ts'
import type { Submission } from '../../session/login-history.ts'
import type { Step } from './step.ts'

const submissionRow = z
  .object({ fence: z.int(), at_ms: z.int(), outcome: z.enum(['open', 'accepted', 'failed']) })
  .transform(({ fence, at_ms, outcome }): Submission => ({ fence, atMs: at_ms, outcome }))

/** Those that still count, oldest first. */
export function findSubmissions({ db, nowMs }: Step, account: string): Submission[] {
  return db
    .prepare(
      'SELECT fence, at_ms, outcome FROM submission WHERE account = ? AND at_ms > ? ORDER BY at_ms, fence',
    )
    .all(account, nowMs - budgetWindowMs)
    .map((row) => submissionRow.parse(row))
}

/** Forgets what counts no more. */
export function addSubmission({ db, nowMs }: Step, account: string, fence: number): void {
  db.prepare('DELETE FROM submission WHERE account = ? AND at_ms <= ?').run(account, nowMs - budgetWindowMs)
  db.prepare("INSERT INTO submission (account, fence, at_ms, outcome) VALUES (?, ?, ?, 'open')").run(
    account,
    fence,
    nowMs,
  )
}

/** Without effect where this login has sent nothing. */
export function settleSubmission(
  { db }: Step,
  account: string,
  { fence, outcome }: Pick<Submission, 'fence' | 'outcome'>,
): void {
  db.prepare('UPDATE submission SET outcome = ? WHERE account = ? AND fence = ?').run(outcome, account, fence)
}
