import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findSession } from './session-table.ts'
import type { Step } from './step.ts'

/** @returns `forgotten`: there was a state, of this generation. */
export function forgetSession(
  step: Step,
  place: SessionPlace,
  { generation }: { generation: number },
): 'forgotten' | 'absent' | 'superseded' {
  const known = findSession(step, place)
  if (known.generation !== generation) return 'superseded'
  if (!known.stored) return 'absent'
  step.db
    .prepare(
      `UPDATE session SET revision = NULL, mark = NULL, obtained_at_ms = NULL, verdict = NULL, checked_at_ms = NULL,
        alive_at_ms = NULL, operation_id = NULL, sealed = NULL WHERE account = ? AND name = ?`,
    )
    .run(place.account, place.session)
  return 'forgotten'
}
