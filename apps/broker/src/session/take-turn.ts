import { ProblemError } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import type { Lease, LoginMutex } from './ports/login-mutex.ts'

const retryMs = 100

/** How long another one's login or check is waited for, and how long all of it may take. */
export const turnMs = 30_000
export const boundMs = 75_000

/**
 * The account's turn, for what a person asks for: only its holder shows a state to the site.
 * @throws ProblemError `account_busy` when somebody else has had it all the time; the signal's reason.
 */
export async function takeTurn(
  { mutex, clock }: { mutex: LoginMutex; clock: Clock },
  { account, withinMs, signal }: { account: string; withinMs: number; signal: AbortSignal },
): Promise<Lease> {
  const endsAtMs = clock.monotonicMs() + withinMs
  for (;;) {
    signal.throwIfAborted()
    const lease = await mutex.tryAcquire(account)
    if (lease) return lease
    if (clock.monotonicMs() >= endsAtMs) {
      throw new ProblemError(
        'account_busy',
        'a login or a check of this account has not ended in time: ask again. A login that waits for a person is ended by ' +
          'POST /session/challenge with giveUp',
        {
          retryAfterSeconds: 10,
        },
      )
    }
    await clock.wait(retryMs * (1 + clock.random()), signal)
  }
}
