import { budgetLeft } from '../../session/login-budget.ts'
import type { BeginAnswer, LoginStart, SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, saveLogin } from './login-table.ts'
import { findRestraint } from './restraint-table.ts'
import { findSession } from './session-table.ts'
import type { Step } from './step.ts'
import { findSubmissions } from './submission-table.ts'

export function beginLogin(step: Step, place: SessionPlace, start: LoginStart): BeginAnswer {
  const { nowMs } = step
  const { account, session } = place
  const { operationId, fromGeneration } = start
  if (findSession(step, place).generation !== fromGeneration) return { begun: false, reason: 'superseded' }
  const newest = findLogin(step, account)
  if (newest?.operationId === operationId) {
    const { failuresInRow } = findRestraint(step, account)
    return { begun: true, fence: newest.fence, failuresInRow }
  }
  const refusal = refuse(step, place, { ...start, permitMs: (newest?.permitEndsAtMs ?? 0) - nowMs })
  if (refusal) return refusal
  // From the clock too: a database that was put back from a backup must not give a fence out again.
  const fence = Math.max((newest?.fence ?? 0) + 1, nowMs)
  saveLogin(step, account, { fence, session, operationId, phase: 'begun', startedAtMs: nowMs })
  return { begun: true, fence, failuresInRow: findRestraint(step, account).failuresInRow }
}

function refuse(
  step: Step,
  { account }: SessionPlace,
  { budget, credentialsTag, force, permitMs }: LoginStart & { permitMs: number },
): BeginAnswer | undefined {
  const { nowMs } = step
  const { breaker, nextTryAtMs = 0 } = findRestraint(step, account)
  // It stays open until a login succeeds: two secrets in turn are no way past it.
  const isMended = breaker?.credentialsTag !== undefined && breaker.credentialsTag !== credentialsTag
  if (!force) {
    if (breaker && !isMended) return { begun: false, reason: 'locked_out' }
    const backOffMs = nextTryAtMs - nowMs
    if (backOffMs > 0) return { begun: false, reason: 'backing_off', waitMs: backOffMs }
  }
  // Only what waiting would help is waited for.
  if (permitMs > 0) return { begun: false, reason: 'permit_outstanding', waitMs: permitMs }
  const { waitMs } = budgetLeft(findSubmissions(step, account), { budget, nowMs })
  return waitMs > 0 ? { begun: false, reason: 'budget_spent', waitMs } : undefined
}
