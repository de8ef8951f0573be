import { Redis } from 'ioredis'
import type { Log } from '../../session/ports/log.ts'
import { addressOf } from './address.ts'
import { asStoreProblem, isRefusal } from './store-problem.ts'

export interface RedisConnection {
  client: Redis
  /** Fit to be shown: without user and password. */
  address: string
  /** After this a command counts as not answered. */
  commandTimeoutMs: number
  /** Resolves once it is connected. @throws ProblemError `store_unavailable`: refused, or not within the time. */
  connected(withinMs: number): Promise<void>
  close(): Promise<void>
}

export interface ConnectionOptions {
  url: string
  /** Told when the connection is lost and when it is back; left out: nobody. */
  log?: Pick<Log, 'info' | 'warn'>
  /** After this a command counts as not answered; it may still land. */
  commandTimeoutMs?: number
}

/**
 * The one place that makes Redis connections, for the store and for the mutex. Connects and reconnects by itself for as
 * long as it is open; a command that cannot be sent now fails now, and none is ever sent twice.
 */
export function openRedisConnection({
  url,
  log,
  commandTimeoutMs = 1_500,
}: ConnectionOptions): RedisConnection {
  const address = addressOf(url)
  const client = new Redis(url, {
    connectionName: 'session-broker',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // follow-changes.ts subscribes by itself, since it has to know when that has happened.
    autoResubscribe: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2_000,
    // A peer that vanished without a word is noticed by the first command that it leaves unanswered.
    socketTimeout: 2 * commandTimeoutMs,
    retryStrategy: (attempt) => Math.min(25 * 2 ** attempt, 1_000) * (0.75 + Math.random() / 2),
  })
  let lastError: unknown
  let wasReady = false
  client.on('error', (error) => {
    lastError = error
  })
  client.on('ready', () => {
    if (lastError !== undefined) log?.info({ reason: address }, 'Redis is connected')
    lastError = undefined
    wasReady = true
  })
  client.on('close', () => {
    if (wasReady) log?.warn({ reason: address }, 'the connection to Redis was lost')
    wasReady = false
    lastError ??= new Error('the connection was closed')
  })

  function connected(withinMs: number): Promise<void> {
    if (client.status === 'ready') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown) => {
        clearTimeout(timer)
        client.off('ready', settle)
        client.off('error', giveUpIfRefused)
        client.off('end', giveUp)
        if (error === undefined) resolve()
        else reject(asStoreProblem(address, error))
      }
      const giveUp = () => settle(lastError ?? new Error('not connected in time'))
      const giveUpIfRefused = (error: unknown) => isRefusal(error) && settle(error)
      const timer = setTimeout(giveUp, withinMs)
      client.on('ready', settle)
      client.on('error', giveUpIfRefused)
      client.on('end', giveUp)
    })
  }

  return {
    client,
    address,
    commandTimeoutMs,
    connected,
    async close() {
      wasReady = false
      client.disconnect()
    },
  }
}
