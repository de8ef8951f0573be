import { budgetLeft } from '../../session/login-budget.ts'
import type { LoginBudget } from '../../session/login-history.ts'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { findLogin, isRunning, saveLogin } from './login-table.ts'
import type { Step } from './step.ts'
import { addSubmission, findSubmissions } from './submission-table.ts'

export function grantPermit(
  step: Step,
  { account }: SessionPlace,
  { fence, durationMs, budget }: { fence: number; durationMs: number; budget: LoginBudget },
): 'granted' | 'fenced' | 'budget_spent' {
  const { nowMs } = step
  const login = findLogin(step, account)
  if (login?.fence !== fence || !isRunning(login)) return 'fenced'
  const submissions = findSubmissions(step, account)
  const isPaidFor = submissions.some((submission) => submission.fence === fence)
  if (!isPaidFor) {
    if (budgetLeft(submissions, { budget, nowMs }).waitMs > 0) return 'budget_spent'
    addSubmission(step, account, fence)
  }
  // A permit that was given is never shortened: its secrets may be under way.
  const permitEndsAtMs = Math.max(login.permitEndsAtMs ?? 0, nowMs + Math.ceil(durationMs))
  saveLogin(step, account, { ...login, phase: 'permitted', permitEndsAtMs })
  return 'granted'
}
