import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, isRunning, saveLogin } from './login-table.ts'
import { publishState } from './publish-state.ts'
import { liftRestraint } from './restraint-table.ts'
import { findSession } from './session-table.ts'
import type { Step } from './step.ts'
import { settleSubmission } from './submission-table.ts'

export function commitLogin(
  step: Step,
  place: SessionPlace,
  login: Publication & { fence: number; fromGeneration: number; operationId: string },
): 'committed' | 'fenced' | 'superseded' {
  const { nowMs } = step
  const { account } = place
  const { fence, fromGeneration, operationId, mark, sealed } = login
  const known = findSession(step, place)
  const { generation, stored } = known
  // Asked once more, since the answer was lost.
  if (generation === fromGeneration + 1 && stored?.operationId === operationId) return 'committed'
  settleSubmission(step, account, { fence, outcome: 'accepted' })
  const newest = findLogin(step, account)
  if (newest?.fence !== fence || !isRunning(newest)) return 'fenced'
  const { permitEndsAtMs: _, ...ended } = newest
  if (generation !== fromGeneration) {
    saveLogin(step, account, { ...ended, phase: 'abandoned', endedAtMs: nowMs })
    return 'superseded'
  }
  publishState(step, place, { known, operationId, mark, sealed })
  saveLogin(step, account, { ...ended, phase: 'committed', endedAtMs: nowMs })
  liftRestraint(step, account)
  return 'committed'
}
