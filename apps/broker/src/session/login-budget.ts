import type { LoginBudget, Submission } from './login-history.ts'

export const budgetWindowMs = 24 * 60 * 60 * 1000

/** What of the budget is left, and when there will be more. */
export interface BudgetLeft {
  logins: number
  failed: number
  /** 0 where a login may be made now. */
  waitMs: number
}

/**
 * A rolling day: each submission counts for 24 hours from when it was allowed.
 * @param ownFence the login that asks, or runs: its own submission is paid for, and has not failed yet.
 */
export function budgetLeft(
  submissions: readonly Submission[],
  { budget, nowMs, ownFence }: { budget: LoginBudget; nowMs: number; ownFence?: number | undefined },
): BudgetLeft {
  const counted = submissions.filter(({ atMs }) => atMs > nowMs - budgetWindowMs)
  const failed = counted.filter(({ fence, outcome }) => outcome !== 'accepted' && fence !== ownFence)
  return {
    logins: Math.max(0, budget.loginsPerDay - counted.length),
    failed: Math.max(0, budget.failedPerDay - failed.length),
    waitMs: Math.max(
      waitForRoom(counted, budget.loginsPerDay, nowMs),
      waitForRoom(failed, budget.failedPerDay, nowMs),
    ),
  }
}

/** Until so many have left the window that one more fits; with a limit of 0 none ever does, and a day is said. */
function waitForRoom(counted: readonly Submission[], most: number, nowMs: number): number {
  if (counted.length < most) return 0
  const times = counted.map(({ atMs }) => atMs).sort((a, b) => a - b)
  const leaving = times[counted.length - most]
  return leaving === undefined ? budgetWindowMs : leaving + budgetWindowMs - nowMs
}

/** For logins that nobody asked for: half of the day's budget stays for those that somebody needs. */
export function halfOf({ loginsPerDay, failedPerDay }: LoginBudget): LoginBudget {
  return { loginsPerDay: Math.floor(loginsPerDay / 2), failedPerDay: Math.floor(failedPerDay / 2) }
}
