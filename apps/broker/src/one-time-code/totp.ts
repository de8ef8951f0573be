import { ProblemError } from '@session-broker/shared'
import { generate } from 'otplib'
import type { Clock } from '../session/ports/clock.ts'

const periodMs = 30_000
/** A code that is nearly over may be too late when it arrives. */
const leastLeftMs = 4_000

/**
 * Makes codes by RFC 6238 (SHA-1, six digits, 30 s), waits for the next one when the present one is nearly over, and gives none
 * a second time: many sites take each only once.
 */
export function createTotp(clock: Pick<Clock, 'now' | 'wait'>) {
  const lastWindow = new Map<string, number>()

  /**
   * @param secret base32, as the site shows it
   * @param account whose codes they are
   * @throws ProblemError `login_misconfigured` where the secret is not base32
   */
  return async function currentCode({
    secret,
    account,
  }: {
    secret: string
    account: string
  }): Promise<string> {
    const isSpent = () => {
      const nowMs = clock.now()
      const window = Math.floor(nowMs / periodMs)
      return window <= (lastWindow.get(account) ?? 0) || (window + 1) * periodMs - nowMs < leastLeftMs
    }
    while (isSpent()) {
      await clock.wait(periodMs - (clock.now() % periodMs) + 50, new AbortController().signal)
    }
    lastWindow.set(account, Math.floor(clock.now() / periodMs))
    try {
      return await generate({
        secret: secret.replace(/[\s-]/g, '').toUpperCase(),
        epoch: Math.floor(clock.now() / 1000),
      })
    } catch {
      throw new ProblemError(
        'login_misconfigured',
        'login.totp is no TOTP secret: it wants base32, as the site shows it',
      )
    }
  }
}
