import type { RevisionChange, SessionPlace } from '../../session/ports/session-store.ts'
import { findSession, saveSession } from './session-table.ts'
import type { Step } from './step.ts'

export function writeRevision(step: Step, place: SessionPlace, change: RevisionChange): boolean {
  const { nowMs } = step
  const { generation, fromRevision, verdict, mark, sealed, rotated } = change
  const known = findSession(step, place)
  const { stored } = known
  if (stored?.generation !== generation) return false
  const revision = fromRevision + 1
  // Asked once more, since the answer was lost.
  if (stored.revision === revision && stored.mark === mark) return true
  if (stored.revision !== fromRevision) return false
  const aliveAtMs = verdict === 'signed_in' ? nowMs : stored.aliveAtMs
  saveSession(step, place, {
    ...known,
    rotates: known.rotates || rotated,
    stored: {
      ...{ ...stored, revision, mark, sealed, verdict, aliveAtMs },
      publishedAtMs: nowMs,
      checkedAtMs: nowMs,
    },
  })
  return true
}
