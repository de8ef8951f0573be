import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, isRunning, saveLogin } from './login-table.ts'
import type { Step } from './step.ts'

/** @returns whether it was the newest login, and running. */
export function abandonLogin(step: Step, { account }: SessionPlace, { fence }: { fence: number }): boolean {
  const login = findLogin(step, account)
  if (login?.fence !== fence || !isRunning(login)) return false
  saveLogin(step, account, { ...login, phase: 'abandoned', endedAtMs: step.nowMs })
  return true
}
