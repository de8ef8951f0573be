import type { Verdict } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findSession, type Step, saveSession } from './tables.ts'

export function recordCheck(
  step: Step,
  place: SessionPlace,
  { generation, verdict }: { generation: number; verdict: Verdict },
): boolean {
  const { stored } = findSession(step, place)
  if (stored?.generation !== generation) return false
  saveSession(step, place, { ...stored, verdict, checkedAtMs: step.nowMs })
  return true
}
