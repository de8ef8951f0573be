import { Redis } from 'ioredis'
import type { Host, RedisTarget } from './address.ts'
import { clientOptions } from './client-options.ts'

type SentinelTarget = Extract<RedisTarget, { kind: 'sentinel' }>

const reconnectAfterMs = 5_000

/**
 * Hears from each sentinel when another server has become the master. A master that was replaced because the others cannot
 * reach it would go on taking our writes, and lose them.
 * @returns what ends it
 */
export function watchFailovers(
  target: SentinelTarget,
  { commandTimeoutMs, onFailover }: { commandTimeoutMs: number; onFailover: (newMaster: Host) => void },
): () => void {
  const sentinels = target.hosts.map((host) => {
    const sentinel = new Redis({
      ...clientOptions({ tls: target.tls, ...sentinelUser(target) }, commandTimeoutMs),
      ...host,
      enableReadyCheck: false,
      retryStrategy: () => reconnectAfterMs,
    })
    // While one is away the others tell.
    sentinel.on('error', () => undefined)
    sentinel.on('message', (_channel, message: string) => {
      const [name, , , host = '', port] = message.split(' ')
      if (name === target.masterName) onFailover({ host, port: Number(port) })
    })
    sentinel.on('ready', () => {
      sentinel.subscribe('+switch-master').catch(() => undefined)
    })
    return sentinel
  })
  return () => {
    for (const sentinel of sentinels) sentinel.disconnect()
  }
}

function sentinelUser({ sentinelUsername, sentinelPassword }: SentinelTarget) {
  return {
    ...(sentinelUsername !== undefined && { username: sentinelUsername }),
    ...(sentinelPassword !== undefined && { password: sentinelPassword }),
  }
}
