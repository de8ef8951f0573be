import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, isRunning, type Step, saveLogin } from './tables.ts'

export function grantPermit(
  step: Step,
  { account }: SessionPlace,
  { fence, durationMs }: { fence: number; durationMs: number },
): boolean {
  const login = findLogin(step, account)
  if (login?.fence !== fence || !isRunning(login)) return false
  // A permit that was given is never shortened: its secrets may be under way.
  const permit_ends_at_ms = Math.max(login.permit_ends_at_ms ?? 0, step.nowMs + Math.ceil(durationMs))
  saveLogin(step, account, { ...login, phase: 'permitted', permit_ends_at_ms })
  return true
}
