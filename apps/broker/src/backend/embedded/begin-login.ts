import type { BeginAnswer, SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, findSession, type Step, saveLogin } from './tables.ts'

export function beginLogin(
  step: Step,
  place: SessionPlace,
  { operationId, fromGeneration }: { operationId: string; fromGeneration: number },
): BeginAnswer {
  const { nowMs } = step
  if (findSession(step, place).generation !== fromGeneration) return { begun: false, reason: 'superseded' }
  const newest = findLogin(step, place.account)
  if (newest?.operation_id === operationId) return { begun: true, fence: newest.fence }
  if (newest?.phase === 'permitted') {
    const waitMs = (newest.permit_ends_at_ms ?? 0) - nowMs
    if (waitMs > 0) return { begun: false, reason: 'permit_outstanding', waitMs }
  }
  // From the clock too: a database that was put back from a backup must not give a fence out again.
  const fence = Math.max((newest?.fence ?? 0) + 1, nowMs)
  saveLogin(step, place.account, {
    fence,
    session: place.session,
    operation_id: operationId,
    phase: 'begun',
    started_at_ms: nowMs,
    permit_ends_at_ms: null,
    ended_at_ms: null,
    failure_class: null,
    failure_detail: null,
  })
  return { begun: true, fence }
}
