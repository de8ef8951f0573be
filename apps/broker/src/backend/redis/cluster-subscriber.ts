import { type Cluster, Redis, type RedisOptions } from 'ioredis'
import { addressOf, type RedisTarget } from './address.ts'
import { clientOptions, retryAfterMs } from './client-options.ts'
import type { RedisSubscriber } from './connection.ts'
import { followStanding } from './follow-standing.ts'

type ClusterTarget = Extract<RedisTarget, { kind: 'cluster' }>

/**
 * Listens at one node, which hears what is published at any, and at another when that is gone. The cluster client's own
 * subscriber would not say when it is subscribed again, nor notice a node that falls silent.
 */
export function openClusterSubscriber(
  cluster: Cluster,
  { target, commandTimeoutMs }: { target: ClusterTarget; commandTimeoutMs: number },
): RedisSubscriber {
  const address = addressOf(target)
  let tried = Math.floor(Math.random() * 100)
  const nextNode = () => {
    const known = cluster.nodes().map(({ options }) => hostOf(options))
    const nodes = known.length > 0 ? known : target.hosts
    tried += 1
    return nodes[tried % nodes.length] ?? target.hosts[0]
  }
  const client: Redis = new Redis({
    ...clientOptions(target, commandTimeoutMs),
    ...nextNode(),
    enableOfflineQueue: false,
    retryStrategy(attempt) {
      // Read anew at each try.
      Object.assign(client.options, nextNode())
      return retryAfterMs(attempt)
    },
  })
  const standing = followStanding(client, { address, log: { info() {}, warn() {} } })
  return {
    client,
    address,
    connected: standing.connected,
    async beat() {
      await client.ping()
      const { host, port } = hostOf(client.options)
      const isMember = cluster.nodes().some(({ options }) => options.host === host && options.port === port)
      if (!isMember) throw new Error('this node hears no more of the cluster')
    },
    onGap: (listener) => onOtherMasters(cluster, listener),
    async close() {
      client.disconnect()
    },
  }
}

/** What a master published last before it died may have reached nobody. */
function onOtherMasters(cluster: Cluster, listener: () => void): () => void {
  const mastersNow = () =>
    cluster
      .nodes('master')
      .map(({ options }) => `${options.host}:${options.port}`)
      .sort()
      .join()
  let known = mastersNow()
  const look = () => {
    const masters = mastersNow()
    if (masters !== known) listener()
    known = masters
  }
  cluster.on('refresh', look)
  return () => cluster.off('refresh', look)
}

export function hostOf({ host = '', port = 6_379 }: RedisOptions): { host: string; port: number } {
  return { host, port }
}
