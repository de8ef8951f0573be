import type { FailureClass } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, isRunning, type Step, saveLogin } from './tables.ts'

/** @returns whether it was the newest login, and running. */
export function failLogin(
  step: Step,
  { account }: SessionPlace,
  { fence, failure }: { fence: number; failure: { class: FailureClass; detail: string } },
): boolean {
  const login = findLogin(step, account)
  if (login?.fence !== fence || !isRunning(login)) return false
  saveLogin(step, account, {
    ...login,
    phase: 'failed',
    permit_ends_at_ms: null,
    ended_at_ms: step.nowMs,
    failure_class: failure.class,
    failure_detail: failure.detail,
  })
  return true
}
