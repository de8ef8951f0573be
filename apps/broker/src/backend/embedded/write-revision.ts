import type { Verdict } from '@session-broker/shared'
import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { findSession, type Step, saveSession } from './tables.ts'

export function writeRevision(
  step: Step,
  place: SessionPlace,
  change: Publication & { generation: number; fromRevision: number; verdict: Verdict },
): boolean {
  const { generation, fromRevision, verdict, mark, sealed } = change
  const { stored } = findSession(step, place)
  if (stored?.generation !== generation) return false
  const revision = fromRevision + 1
  // Asked once more, since the answer was lost.
  if (stored.revision === revision && stored.mark === mark) return true
  if (stored.revision !== fromRevision) return false
  saveSession(step, place, { ...stored, revision, mark, sealed, verdict, checkedAtMs: step.nowMs })
  return true
}
