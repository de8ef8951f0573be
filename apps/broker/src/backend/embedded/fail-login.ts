import type { FailureReport, SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, isRunning, saveLogin } from './login-table.ts'
import { findRestraint, saveRestraint } from './restraint-table.ts'
import type { Step } from './step.ts'
import { settleSubmission } from './submission-table.ts'

/** @returns whether anything has changed for the next login. */
export function failLogin(
  step: Step,
  { account }: SessionPlace,
  { fence, failure, breaker, delayMs, answered }: FailureReport,
): boolean {
  const { nowMs } = step
  settleSubmission(step, account, { fence, outcome: 'failed' })
  const login = findLogin(step, account)
  if (login && fence < login.fence && login.phase !== 'committed' && breaker) {
    // Overtaken or not: what the site has refused is known.
    const opened = { class: failure.class, sinceMs: nowMs, ...breaker }
    saveRestraint(step, account, { ...findRestraint(step, account), breaker: opened })
    return true
  }
  if (login?.fence !== fence || !isRunning(login)) return false
  const { permitEndsAtMs, ...ended } = login
  saveLogin(step, account, {
    ...ended,
    ...(!answered && permitEndsAtMs !== undefined && { permitEndsAtMs }),
    phase: 'failed',
    endedAtMs: nowMs,
    failure,
  })
  const before = findRestraint(step, account)
  saveRestraint(step, account, {
    // A breaker that a forced login has passed stays open when that fails for another reason.
    ...before,
    failuresInRow: before.failuresInRow + 1,
    nextTryAtMs: nowMs + Math.ceil(delayMs),
    ...(breaker && { breaker: { class: failure.class, sinceMs: nowMs, ...breaker } }),
  })
  return true
}
