import { ProblemError } from '@session-broker/shared'
import { generate } from 'otplib'
import type { Clock } from '../session/ports/clock.ts'

const periodMs = 30_000
/** A code that is nearly over may be too late when it arrives. */
const leastLeftMs = 4_000

export interface TotpRequest {
  /** base32, as the site shows it */
  secret: string
  /** Whether the code of this window may be sent: many sites take each only once. */
  claim: (window: number) => Promise<boolean>
  /** Ends the wait for the next code. */
  signal: AbortSignal
}

/**
 * Makes codes by RFC 6238 (SHA-1, six digits, 30 s), and waits for the next one when the present one is nearly over or has been
 * claimed before.
 * @throws ProblemError `login_misconfigured` where the secret is not base32; the signal's reason
 */
export function createTotp(clock: Pick<Clock, 'now' | 'wait'>) {
  return async function currentCode({ secret, claim, signal }: TotpRequest): Promise<string> {
    for (;;) {
      signal.throwIfAborted()
      const nowMs = clock.now()
      const leftMs = periodMs - (nowMs % periodMs)
      const window = Math.floor(nowMs / periodMs)
      if (leftMs >= leastLeftMs && (await claim(window))) return codeOf(secret, window)
      await clock.wait(leftMs + 50, signal)
    }
  }
}

/** By the window that was claimed, whatever time it is by now. */
async function codeOf(secret: string, window: number): Promise<string> {
  try {
    return await generate({
      secret: secret.replace(/[\s-]/g, '').toUpperCase(),
      epoch: (window * periodMs) / 1000,
    })
  } catch {
    throw new ProblemError(
      'login_misconfigured',
      'login.totp is no TOTP secret: it wants base32, as the site shows it',
    )
  }
}
