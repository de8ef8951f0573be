import type { Log } from '../../session/ports/log.ts'
import type { RedisTarget } from './address.ts'
import type { RedisConnection } from './connection.ts'
import { openCluster } from './open-cluster.ts'
import { openServer } from './open-server.ts'

export interface ConnectionOptions {
  target: RedisTarget
  /** Told when the connection is lost and when it is back; left out: nobody. */
  log?: Pick<Log, 'info' | 'warn'>
  /** After this a command counts as not answered; it may still land. */
  commandTimeoutMs?: number
}

const nobody = { info() {}, warn() {} }

/**
 * The one way to Redis, for the store and for the mutex. Connects and reconnects by itself for as long as it is open; a
 * command that cannot be sent now fails now, and none that may have landed is sent again.
 */
export function openRedisConnection({
  target,
  log = nobody,
  commandTimeoutMs = 1_500,
}: ConnectionOptions): RedisConnection {
  const rules = { log, commandTimeoutMs }
  return target.kind === 'cluster' ? openCluster(target, rules) : openServer(target, rules)
}
