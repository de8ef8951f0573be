import { Cluster, type Redis } from 'ioredis'
import type { Log } from '../../session/ports/log.ts'
import { addressOf, type RedisTarget } from './address.ts'
import { clientOptions, retryAfterMs } from './client-options.ts'
import { hostOf, openClusterSubscriber } from './cluster-subscriber.ts'
import type { RedisConnection } from './connection.ts'
import { followStanding } from './follow-standing.ts'
import { clusterIsDown } from './store-problem.ts'

type ClusterTarget = Extract<RedisTarget, { kind: 'cluster' }>

interface Rules {
  log: Pick<Log, 'info' | 'warn'>
  commandTimeoutMs: number
}

/** The masters of a cluster, as one: each command goes to the one that has its key. */
export function openCluster(target: ClusterTarget, { log, commandTimeoutMs }: Rules): RedisConnection {
  const address = addressOf(target)
  const cluster = new Cluster(target.hosts, {
    redisOptions: clientOptions(target, commandTimeoutMs),
    enableOfflineQueue: false,
    clusterRetryStrategy: retryAfterMs,
    // What was sent before a connection broke may have landed. The next command finds its new place by MOVED.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    maxRedirections: 5,
    slotsRefreshInterval: 5_000,
    // Names stay names, since certificates are made out to them.
    dnsLookup: (name, found) => found(null, name),
  })
  const standing = followStanding(cluster, { address, log, explain: explainNodes(cluster, address) })
  followNodes(cluster, { target, log })
  connectMastersAhead(cluster)
  return {
    commandTimeoutMs,
    client: cluster,
    address,
    async connected(withinMs) {
      await standing.connected(withinMs)
      // One that is away is for the first command to say.
      await Promise.allSettled(cluster.nodes('master').map((node) => node.ping()))
    },
    async ping() {
      const info = String(await cluster.cluster('INFO'))
      if (!info.includes('cluster_state:ok')) throw clusterIsDown(address)
    },
    masters: () =>
      cluster.nodes('master').map((client) => ({ address: addressOfNode(target, client), client })),
    openSubscriber: () => openClusterSubscriber(cluster, { target, commandTimeoutMs }),
    async close() {
      standing.leave()
      cluster.disconnect()
    },
  }
}

function addressOfNode({ tls }: ClusterTarget, { options }: Redis): string {
  return addressOf({ kind: 'server', tls, hosts: [hostOf(options)], database: 0 })
}

/** ioredis connects to a node at its first command, and refuses what comes before that is done. */
function connectMastersAhead(cluster: Cluster): void {
  const connectAll = () => {
    for (const node of cluster.nodes('master')) {
      if (node.status === 'wait') node.connect().catch(() => undefined)
    }
  }
  // Later, since ioredis has a first command of its own to send.
  cluster.on('refresh', () => setImmediate(connectAll))
}

/** A cluster stays connected while some of its nodes are away. */
function followNodes(
  cluster: Cluster,
  { target, log }: { target: ClusterTarget } & Pick<Rules, 'log'>,
): void {
  const away = new Set<string>()
  cluster.on('+node', (node: Redis) => {
    const reason = addressOfNode(target, node)
    node.once('ready', () => {
      if (away.delete(reason)) log.info({ reason }, 'Redis is connected')
      // Nodes that left the cluster, and all when it is closed, are dropped before their end.
      node.once('close', () => {
        if (!cluster.nodes().includes(node)) return
        away.add(reason)
        log.warn({ reason }, 'the connection to Redis was lost')
      })
    })
  })
}

/** That no node tells where the keys are is one error for ioredis, whatever they have said. */
function explainNodes(cluster: Cluster, address: string): (error: unknown) => unknown {
  let isFound = false
  cluster.on('connect', () => {
    isFound = true
  })
  return (error) => {
    if (error instanceof Error && 'lastNodeError' in error) return error.lastNodeError ?? error
    return isFound ? clusterIsDown(address) : error
  }
}
