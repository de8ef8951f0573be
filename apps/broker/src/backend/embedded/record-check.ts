import type { Verdict } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findSession, saveSession } from './session-table.ts'
import type { Step } from './step.ts'

export function recordCheck(
  step: Step,
  place: SessionPlace,
  { generation, verdict }: { generation: number; verdict: Verdict },
): boolean {
  const { nowMs } = step
  const known = findSession(step, place)
  const { stored } = known
  if (stored?.generation !== generation) return false
  const aliveAtMs = verdict === 'signed_in' ? nowMs : stored.aliveAtMs
  saveSession(step, place, { ...known, stored: { ...stored, verdict, checkedAtMs: nowMs, aliveAtMs } })
  return true
}
