import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { orderStop, type StopPoint } from '../broker/stop-points.ts'
import type { Cluster, ClusterBroker } from '../cluster/start-cluster.ts'
import { type Fault, findLoginMs } from './plan-faults.ts'

/** Does it and heals it again. False where it met nothing: no login came to stop in. */
export async function carryOutFault(cluster: Cluster, fault: Fault): Promise<boolean> {
  switch (fault.kind) {
    case 'delete_locks':
      return deleteLocks(cluster)
    case 'freeze_redis':
      cluster.redis.freeze()
      await delay(fault.forMs)
      cluster.redis.thaw()
      return true
    case 'kill_redis':
      await cluster.redis.kill9()
      await delay(fault.forMs)
      await cluster.redis.restart()
      return true
    default:
      return harmBroker(cluster, brokerOf(cluster, fault.broker), fault)
  }
}

async function harmBroker(
  cluster: Cluster,
  broker: ClusterBroker,
  fault: Extract<Fault, { broker: number }>,
): Promise<boolean> {
  if ('point' in fault && !(await stopInLogin(cluster, broker, fault.point))) return false
  switch (fault.kind) {
    case 'pause':
    case 'pause_in_login':
      broker.signal('SIGSTOP')
      await delay(fault.forMs)
      broker.signal('SIGCONT')
      return true
    case 'kill':
    case 'kill_in_login':
      broker.signal('SIGKILL')
      return true
    case 'drop_replies':
      broker.proxy.dropReplies()
      await delay(fault.forMs)
      broker.proxy.heal()
      return true
  }
}

/** Resolves with true once the broker stands still at that moment of a login. */
export async function stopInLogin(
  { folder }: Pick<Cluster, 'folder'>,
  { place }: Pick<ClusterBroker, 'place'>,
  point: StopPoint,
  withinMs = findLoginMs,
): Promise<boolean> {
  const order = orderStop(folder, place, point)
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; await delay(10)) {
    if (order.isDone()) return true
  }
  return !order.withdraw()
}

async function deleteLocks({ redis }: Cluster): Promise<boolean> {
  const client = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 500 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const locks = await client.keys('sb:*:mutex')
    return locks.length > 0 && (await client.del(...locks)) > 0
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}

export function brokerOf({ brokers }: Pick<Cluster, 'brokers'>, index: number): ClusterBroker {
  const broker = brokers[index]
  if (!broker) throw new Error(`there is no broker ${index}`)
  return broker
}
