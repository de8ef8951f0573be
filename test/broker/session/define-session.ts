import { randomUUID } from 'node:crypto'
import { recipeSchema } from '@session-broker/shared'
import type { LoginBudget } from '../../../apps/broker/src/session/login-history.ts'
import type { Log } from '../../../apps/broker/src/session/ports/log.ts'
import type { LoginStart } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { SealedState } from '../../../apps/broker/src/session/ports/state-sealer.ts'
import type { SessionDefinition } from '../../../apps/broker/src/session/session-definition.ts'

/** More than any test spends that is not about it. */
export const budget: LoginBudget = { loginsPerDay: 1_000, failedPerDay: 1_000 }

/** A session that nobody can log in to, but for what a test says of it. */
export function defineSession(part: Partial<SessionDefinition> = {}): SessionDefinition {
  return {
    session: 'shop',
    account: 'acct-1',
    loginUrl: 'https://shop.example/login',
    recipe: recipeSchema.parse({}),
    loginTimeoutMs: 60_000,
    budget,
    challenge: { timeoutMs: 300_000, perDay: 3 },
    byHand: false,
    upkeep: { renewBeforeMs: 600_000 },
    credentials: () => Promise.reject(new Error('nobody logs in here')),
    ...part,
  }
}

export function startOf(part: Partial<LoginStart> = {}): LoginStart {
  return {
    ...{ operationId: randomUUID(), fromGeneration: 0, budget, credentialsTag: 'tag', force: false },
    ...part,
  }
}

/** For what only hands it on. */
export const sealedState = 'sb1.0.sealed' as SealedState

export const silentLog: Log = { info() {}, warn() {}, error() {}, audit() {} }
