import type { CapturePublication, SessionPlace } from '../../session/ports/session-store.ts'
import { publishState } from './publish-state.ts'
import { findRestraint, liftRestraint, saveRestraint } from './restraint-table.ts'
import { findSession } from './session-table.ts'
import type { Step } from './step.ts'

export function publishCapture(
  step: Step,
  place: SessionPlace,
  capture: CapturePublication,
): 'committed' | 'superseded' {
  const { operationId, fromGeneration, replaces, mark, sealed } = capture
  const known = findSession(step, place)
  const { generation, stored } = known
  // Asked once more, since the answer was lost.
  if (generation === fromGeneration + 1 && stored?.operationId === operationId) return 'committed'
  if (generation !== fromGeneration) return 'superseded'
  if (stored?.revision !== replaces?.revision || stored?.mark !== replaces?.mark) return 'superseded'
  publishState(step, place, { known, operationId, mark, sealed })
  endBackOff(step, place)
  return 'committed'
}

/** The breaker stays open: that a person came in says nothing of the secret that the site has rejected. */
function endBackOff(step: Step, { account }: SessionPlace): void {
  const { breaker } = findRestraint(step, account)
  if (breaker) saveRestraint(step, account, { failuresInRow: 0, breaker })
  else liftRestraint(step, account)
}
