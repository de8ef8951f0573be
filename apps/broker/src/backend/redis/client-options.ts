import type { RedisOptions } from 'ioredis'
import type { RedisTarget } from './address.ts'

/** What every client of ours is told, whatever it connects to. */
export function clientOptions(
  { username, password, tls }: Pick<RedisTarget, 'tls' | 'username' | 'password'>,
  commandTimeoutMs: number,
) {
  return {
    connectionName: 'session-broker',
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // follow-changes.ts subscribes by itself, since it has to know when that has happened.
    autoResubscribe: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    // A peer that vanished without a word is noticed by the first command that it leaves unanswered.
    socketTimeout: 2 * commandTimeoutMs,
  } satisfies RedisOptions
}

export function retryAfterMs(attempt: number): number {
  return Math.min(25 * 2 ** attempt, 1_000) * (0.75 + Math.random() / 2)
}
