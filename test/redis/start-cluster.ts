import { freePort } from '@session-broker/stage/process'
import { type LocalRedis, startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import { until } from './until.ts'

/** Three masters on 127.0.0.1; the first has a replica, which takes its place when it is gone for a second or two. */
export interface LocalCluster {
  url: string
  masters: [LocalRedis, LocalRedis, LocalRedis]
  replica: LocalRedis
  /** The replica goes on running, and knows the others no more; or it is theirs again. */
  leave(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

const slots = 16_384

export async function startCluster(): Promise<LocalCluster> {
  await using starting = new AsyncDisposableStack()
  const nodes: LocalRedis[] = []
  for (let count = 0; count < 4; count++) {
    nodes.push(starting.adopt(await startNode(), (node) => node.close()))
  }
  const [first, second, third, replica] = nodes
  if (!first || !second || !third || !replica) throw new Error('a node is missing')
  await join([first, second, third], replica)
  const all = starting.move()
  return {
    url: `redis-cluster://127.0.0.1:${second.port},127.0.0.1:${first.port}`,
    masters: [first, second, third],
    replica,
    leave: () => asking(replica, async (client) => void (await client.cluster('RESET'))),
    comeBack: () => follow(first, replica),
    close: () => all.disposeAsync(),
  }
}

async function startNode(): Promise<LocalRedis> {
  // Nodes talk to each other on the port that is 10,000 higher.
  let port = await freePort()
  while (port > 55_000) port = await freePort()
  return startRedis({
    port,
    settings: {
      'cluster-enabled': 'yes',
      'cluster-node-timeout': '1000',
      'repl-diskless-sync-delay': '0',
    },
  })
}

async function join(masters: LocalRedis[], replica: LocalRedis): Promise<void> {
  const [first, ...others] = masters
  if (!first) return
  const share = Math.ceil(slots / masters.length)
  for (const [at, master] of masters.entries()) {
    const last = Math.min((at + 1) * share, slots) - 1
    await asking(master, (client) => client.cluster('ADDSLOTSRANGE', at * share, last))
  }
  for (const other of others) await asking(other, (client) => client.cluster('MEET', '127.0.0.1', first.port))
  await follow(first, replica)
  for (const node of [...masters, replica]) await asking(node, (client) => until(() => isWhole(client)))
}

async function follow(master: LocalRedis, replica: LocalRedis): Promise<void> {
  const id = await asking(master, (client) => client.cluster('MYID'))
  await asking(replica, async (client) => {
    await client.cluster('MEET', '127.0.0.1', master.port)
    // It has to have met the master first.
    await until(async () => (await client.cluster('REPLICATE', String(id))) === 'OK')
    await until(async () => (await client.info('replication')).includes('master_link_status:up'))
  })
}

async function isWhole(client: Redis): Promise<boolean> {
  const info = String(await client.cluster('INFO'))
  const nodes = String(await client.cluster('NODES'))
  return (
    info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4') && nodes.includes('slave')
  )
}

async function asking<T>({ url }: LocalRedis, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url)
  try {
    return await ask(client)
  } finally {
    client.disconnect()
  }
}
