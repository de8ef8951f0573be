import { type FailureClass, ProblemError } from '@session-broker/shared'
import type { SiteLogin } from '../../../apps/broker/src/session/ports/site-login.ts'

/** A row of the table in docs/errors.md; where a class can come before and after the secrets were sent, there are two. */
export interface Row {
  name: FailureClass
  /** Whether the secrets had been sent when it failed. */
  sent: boolean
  /** The permit's time is waited for. */
  waitsForPermit?: true
  next: { lockedOut: 'until_secret_changes' | 'until_reset' } | { firstMs: number }
}

const minute = 60_000

export const failureTable: readonly Row[] = [
  { name: 'bad_credentials', sent: true, next: { lockedOut: 'until_secret_changes' } },
  { name: 'locked', sent: true, next: { lockedOut: 'until_reset' } },
  { name: 'device_bound', sent: true, next: { lockedOut: 'until_reset' } },
  { name: 'captcha', sent: false, next: { firstMs: 15 * minute } },
  { name: 'captcha', sent: true, next: { firstMs: 15 * minute } },
  { name: 'challenge_timeout', sent: true, next: { firstMs: 5 * minute } },
  { name: 'site_down', sent: false, next: { firstMs: 2_000 } },
  { name: 'timeout_after_submit', sent: true, waitsForPermit: true, next: { firstMs: minute } },
  { name: 'not_authenticated', sent: true, next: { firstMs: minute } },
  { name: 'misconfigured', sent: false, next: { firstMs: 5_000 } },
  { name: 'unknown', sent: false, next: { firstMs: minute } },
  { name: 'unknown', sent: true, waitsForPermit: true, next: { firstMs: minute } },
]

export const titleOf = ({ name, sent }: Row) => `${name}, ${sent ? 'after' : 'before'} the secrets were sent`

/** What else the row means. */
export function meaningOf({ next }: Row) {
  const isLockedOut = 'lockedOut' in next
  return {
    isLockedOut,
    /** Of the first failure, at the middle of its jitter. */
    delayMs: isLockedOut ? 0 : next.firstMs / 2,
    phase: isLockedOut ? 'locked_out' : 'backing_off',
    refusal: isLockedOut ? 'login_locked_out' : 'login_backing_off',
    isMendedBySecret: isLockedOut && next.lockedOut === 'until_secret_changes',
  } as const
}

/** A sign-in that fails so. */
export function failing({ name, sent }: Pick<Row, 'name' | 'sent'>): SiteLogin {
  return async (job) => {
    if (sent) {
      await job.requestPermit()
      job.confirmPermit()
    }
    throw new ProblemError(`login_${name}`, 'as it is scripted')
  }
}
