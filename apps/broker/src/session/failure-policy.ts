import { type FailureClass, failureClasses, type ProblemError } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'

/** What the failure of a login means for the next one. docs/errors.md tells the same to people. */
export interface FailurePolicy {
  /** No login before the secrets have changed, or before an operator says so. */
  opens?: 'until_secret_changes' | 'until_reset'
  /** Otherwise the next one waits: up to `firstMs`, doubled with each failure in a row, at most `mostMs`. */
  backOff?: { firstMs: number; mostMs: number }
  /** The site has answered, so that nothing of the login can be under way there any more. */
  answered: boolean
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

export const failurePolicies = {
  bad_credentials: { opens: 'until_secret_changes', answered: true },
  locked: { opens: 'until_reset', answered: true },
  device_bound: { opens: 'until_reset', answered: true },
  captcha: { backOff: { firstMs: 15 * minute, mostMs: 6 * hour }, answered: true },
  challenge_timeout: { backOff: { firstMs: 5 * minute, mostMs: hour }, answered: true },
  site_down: { backOff: { firstMs: 2 * second, mostMs: 5 * minute }, answered: true },
  timeout_after_submit: { backOff: { firstMs: minute, mostMs: hour }, answered: false },
  not_authenticated: { backOff: { firstMs: minute, mostMs: hour }, answered: true },
  misconfigured: { backOff: { firstMs: 5 * second, mostMs: 5 * minute }, answered: true },
  unknown: { backOff: { firstMs: minute, mostMs: hour }, answered: false },
} as const satisfies Record<FailureClass, FailurePolicy>

/** Undefined where the login did not fail but was given up: its broker stops, has lost its turn or its store. */
export function failureClassOf({ code }: Pick<ProblemError, 'code'>): FailureClass | undefined {
  return failureClasses.find((each) => code === `login_${each}`)
}

/** How long the next login waits, with full jitter: a fleet whose site comes back does not come back in step. */
export function backOffMs(
  { backOff }: FailurePolicy,
  { failuresInRow, clock }: { failuresInRow: number; clock: Pick<Clock, 'random'> },
): number {
  if (!backOff) return 0
  return clock.random() * Math.min(backOff.mostMs, backOff.firstMs * 2 ** Math.min(failuresInRow, 30))
}
