import { ProblemError } from '@session-broker/shared'
import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from '../../session/ports/log.ts'
import { addressOf, type Host, type RedisTarget } from './address.ts'
import { clientOptions, retryAfterMs } from './client-options.ts'
import type { RedisConnection, RedisSubscriber } from './connection.ts'
import { followStanding } from './follow-standing.ts'
import { watchFailovers } from './watch-failovers.ts'

type ServerTarget = Extract<RedisTarget, { kind: 'server' | 'sentinel' }>
type SentinelTarget = Extract<RedisTarget, { kind: 'sentinel' }>

interface Rules {
  log: Pick<Log, 'info' | 'warn'>
  commandTimeoutMs: number
}

/** One server, found by its address or by sentinels. */
export function openServer(target: ServerTarget, rules: Rules): RedisConnection {
  const { client, ...connection } = openClient(target, rules)
  return {
    ...connection,
    client,
    commandTimeoutMs: rules.commandTimeoutMs,
    async ping() {
      await client.ping()
    },
    masters: () => [{ address: connection.address, client }],
    openSubscriber: () => openSubscriber(target, rules),
  }
}

function openSubscriber(target: ServerTarget, { commandTimeoutMs }: Rules): RedisSubscriber {
  const { client, ...connection } = openClient(target, { commandTimeoutMs, log: { info() {}, warn() {} } })
  return {
    ...connection,
    client,
    async beat() {
      await client.ping()
    },
    onGap: () => () => undefined,
  }
}

function openClient(target: ServerTarget, { log, commandTimeoutMs }: Rules) {
  const address = addressOf(target)
  const client = new Redis({
    ...clientOptions(target, commandTimeoutMs),
    ...placeOptions(target, commandTimeoutMs),
    db: target.database,
    enableOfflineQueue: false,
    retryStrategy: retryAfterMs,
    // A master that became a replica: its address, asked for again, leads to the new one.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  })
  const standing = followStanding(client, { address, log, explain: explainSentinels(client, address) })
  const unfollow =
    target.kind === 'sentinel' ? followMaster(client, { target, commandTimeoutMs }) : () => undefined
  return {
    client,
    address,
    connected: standing.connected,
    async close() {
      standing.leave()
      unfollow()
      client.disconnect()
    },
  }
}

function placeOptions(target: ServerTarget, commandTimeoutMs: number) {
  if (target.kind === 'server') return target.hosts[0]
  const { hosts, masterName, sentinelUsername, sentinelPassword, tls } = target
  return {
    sentinels: hosts,
    name: masterName,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    // Only those that are listened to are asked: each may hear of a failover later than the others.
    updateSentinels: false,
    sentinelRetryStrategy: retryAfterMs,
    sentinelCommandTimeout: commandTimeoutMs,
  } satisfies RedisOptions
}

/** Leaves a master that was replaced; each connect asks the sentinels anew. */
function followMaster(
  client: Redis,
  { target, commandTimeoutMs }: { target: SentinelTarget } & Pick<Rules, 'commandTimeoutMs'>,
): () => void {
  let told: Host | undefined
  const leaveUnlessAt = ({ host, port }: Host) => {
    const { remoteAddress, remotePort } = client.stream
    if (remoteAddress !== host || remotePort !== port) client.disconnect(true)
  }
  client.on('ready', () => {
    if (told) leaveUnlessAt(told)
    told = undefined
  })
  return watchFailovers(target, {
    commandTimeoutMs,
    onFailover(newMaster) {
      // Disturbed while it connects, ioredis gives up for good; and what it connects to may be the old one.
      if (client.status === 'ready') leaveUnlessAt(newMaster)
      else told = newMaster
    },
  })
}

/** That no sentinel leads to a master is one error for ioredis, whatever they have said. */
function explainSentinels(client: Redis, address: string): (error: unknown) => unknown {
  let said: ProblemError | undefined
  client.on('sentinelError', ({ message }: Error) => {
    const what = message.startsWith('connected to sentinel')
      ? 'is known to no sentinel that answers: the address has to name the master as they do'
      : /because (NOAUTH|WRONGPASS|NOPERM)\b/.test(message) &&
        'cannot be asked for: the sentinels want another sentinelUsername or sentinelPassword'
    if (what) said = new ProblemError('store_unavailable', `Redis at ${address} ${what}`)
  })
  client.on('ready', () => {
    said = undefined
  })
  return (error) => said ?? error
}
