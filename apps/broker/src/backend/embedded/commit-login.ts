import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, findSession, isRunning, type Step, saveLogin, saveSession } from './tables.ts'

export function commitLogin(
  step: Step,
  place: SessionPlace,
  login: Publication & { fence: number; fromGeneration: number; operationId: string },
): 'committed' | 'fenced' | 'superseded' {
  const { nowMs } = step
  const { fence, fromGeneration, operationId, mark, sealed } = login
  const { generation, stored } = findSession(step, place)
  // Asked once more, since the answer was lost.
  if (generation === fromGeneration + 1 && stored?.operationId === operationId) return 'committed'
  const newest = findLogin(step, place.account)
  if (newest?.fence !== fence || !isRunning(newest)) return 'fenced'
  if (generation !== fromGeneration) return 'superseded'
  saveSession(step, place, {
    generation: fromGeneration + 1,
    revision: 0,
    mark,
    obtainedAtMs: nowMs,
    verdict: 'signed_in',
    checkedAtMs: nowMs,
    operationId,
    sealed,
  })
  saveLogin(step, place.account, {
    ...newest,
    phase: 'committed',
    permit_ends_at_ms: null,
    ended_at_ms: nowMs,
  })
  return 'committed'
}
