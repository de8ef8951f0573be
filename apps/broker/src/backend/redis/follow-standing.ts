import type { EventEmitter } from 'node:events'
import type { Log } from '../../session/ports/log.ts'
import { asStoreProblem, isRefusal } from './store-problem.ts'

type Client = Pick<EventEmitter, 'on' | 'off'> & { readonly status: string }

export interface Standing {
  connected(withinMs: number): Promise<void>
  /** From now on its end is meant, and nobody is told. */
  leave(): void
}

interface StandingOptions {
  address: string
  log: Pick<Log, 'info' | 'warn'>
  /** Finds behind the client's error the one that says more. */
  explain?: (error: unknown) => unknown
}

/** Follows whether a client is connected: tells once when it is no more, and once when it is again. */
export function followStanding(
  client: Client,
  { address, log, explain = (error) => error }: StandingOptions,
): Standing {
  let lastError: unknown
  let wasReady = false
  client.on('error', (error) => {
    lastError = explain(error)
  })
  client.on('ready', () => {
    if (lastError !== undefined) log.info({ reason: address }, 'Redis is connected')
    lastError = undefined
    wasReady = true
  })
  client.on('close', () => {
    if (wasReady) log.warn({ reason: address }, 'the connection to Redis was lost')
    wasReady = false
    lastError ??= explain(new Error('the connection was closed'))
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
      const giveUpIfRefused = () => isRefusal(lastError) && giveUp()
      const timer = setTimeout(giveUp, withinMs)
      client.on('ready', settle)
      client.on('error', giveUpIfRefused)
      client.on('end', giveUp)
    })
  }

  return {
    connected,
    leave() {
      wasReady = false
    },
  }
}
