import { ProblemError } from '@session-broker/shared'
import type { LoginBudget } from './login-history.ts'
import type { LoginTime } from './login-time.ts'
import type { Clock } from './ports/clock.ts'
import type { Lease } from './ports/login-mutex.ts'
import type { SessionStore } from './ports/session-store.ts'
import type { SessionDefinition } from './session-definition.ts'
import type { CheckTrial } from './try-check.ts'

/** The lock must be held for at least this long when a secret is sent. */
const leastLeaseMs = 500
/**
 * Between the end of a login and the end of its permit: the browser has to close, and the site may go on with what was sent
 * last for a while.
 */
const mostSettlingMs = 10_000

/** The permit of one login: the time in which it may send secrets. */
export interface Permit {
  /** Asks for it in the store, for what is left of the login's time. @throws when nothing may be sent any more. */
  requestPermit(): Promise<void>
  /** @throws likewise, by what this process knows. */
  confirmPermit(): void
  /** Whether nothing of this login may go to the site any more. */
  isOver(): boolean
}

export interface PermitOptions {
  store: Pick<SessionStore, 'grantPermit'>
  clock: Clock
  tryCheck: CheckTrial
  definition: SessionDefinition
  lease: Lease
  fence: number
  budget: LoginBudget
}

export function createPermit(options: PermitOptions, { leftMs, signal }: LoginTime): Permit {
  const { store, clock, tryCheck, definition, lease, fence, budget } = options
  const tried = tryCheck(definition, signal)
  // Whoever asks for a permit hears of it; a login that comes to none has failed already.
  tried.catch(() => undefined)
  // While a person works the login's own time stands still, its permit does not.
  let endsAtMs = Number.POSITIVE_INFINITY
  const isOver = () => leftMs() <= 0 || clock.monotonicMs() >= endsAtMs || signal.aborted
  return {
    isOver,
    async requestPermit() {
      await tried
      if (leftMs() <= 0 || lease.validForMs() < leastLeaseMs) throw takenOver()
      const settlingMs = Math.min(mostSettlingMs, definition.loginTimeoutMs / 2)
      const durationMs = leftMs()
      const sinceMs = clock.monotonicMs()
      const permit = { fence, durationMs: durationMs + settlingMs, budget }
      const answer = await store.grantPermit(definition, permit)
      if (answer === 'budget_spent') {
        throw new ProblemError('login_budget_spent', 'the budget of logins was spent while this one began')
      }
      if (answer === 'fenced' || signal.aborted) throw takenOver()
      endsAtMs = sinceMs + durationMs
    },
    confirmPermit() {
      if (isOver()) throw takenOver()
    },
  }
}

function takenOver(): ProblemError {
  return new ProblemError('login_abandoned', 'the time of this login is over: another may have begun')
}
