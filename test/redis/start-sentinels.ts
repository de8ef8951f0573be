import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess, waitFor } from '@session-broker/stage/process'
import { type LocalRedis, startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import { until } from './until.ts'

/** A master with two replicas, and three sentinels on 127.0.0.1 that put one in its place when it is gone for a second. */
export interface WatchedRedis {
  url: string
  master: LocalRedis
  replicas: LocalRedis[]
  sentinels: { port: number; kill9(): Promise<void> }[]
  close(): Promise<void>
}

export const masterName = 'mymaster'

export async function startSentinels(): Promise<WatchedRedis> {
  await using starting = new AsyncDisposableStack()
  const settings = { 'repl-diskless-sync-delay': '0' }
  const master = starting.adopt(await startRedis({ settings }), (server) => server.close())
  const replicas: LocalRedis[] = []
  for (let count = 0; count < 2; count++) {
    const replicaof = `127.0.0.1 ${master.port}`
    const replica = await startRedis({ settings: { ...settings, replicaof } })
    replicas.push(starting.adopt(replica, (server) => server.close()))
  }
  await Promise.all(replicas.map(({ port }) => asking(port, follows)))
  const sentinels: WatchedRedis['sentinels'] = []
  for (let count = 0; count < 3; count++) {
    const sentinel = await startSentinel({ masterPort: master.port, quorum: 2 })
    sentinels.push(starting.adopt(sentinel, (each) => each.close()))
  }
  await Promise.all(sentinels.map(({ port }) => asking(port, knowsAll)))
  const all = starting.move()
  return {
    url: `redis-sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${masterName}`,
    master,
    replicas,
    sentinels,
    close: () => all.disposeAsync(),
  }
}

export async function startSentinel({
  masterPort,
  quorum,
  password,
}: {
  masterPort: number
  quorum: number
  password?: string
}) {
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'session-broker-sentinel-'))
  const conf = join(dir, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${dir}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} ${quorum}`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 4000`,
    ...(password ? [`requirepass ${password}`] : []),
  ]
  await writeFile(conf, `${lines.join('\n')}\n`)
  const started = await startProcess({
    name: 'sentinel',
    command: 'redis-server',
    args: [conf, '--sentinel'],
    cwd: dir,
  })
  const close = async () => {
    await started.end()
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await waitFor(started, () => asking(port, answers, password), { withinMs: 10_000 })
  } catch (error) {
    await close()
    throw error
  }
  return {
    port,
    close,
    async kill9() {
      started.signal('SIGKILL')
      await started.exited
    },
  }
}

function follows(client: Redis): Promise<void> {
  return until(async () => (await client.info('replication')).includes('master_link_status:up'))
}

/** Before that, they would not agree on a failover. */
function knowsAll(client: Redis): Promise<void> {
  return until(async () => {
    const about = String(await client.call('SENTINEL', 'MASTER', masterName))
    return about.includes('num-slaves,2,') && about.includes('num-other-sentinels,2,')
  })
}

async function answers(client: Redis): Promise<boolean> {
  return (await client.ping()) === 'PONG'
}

async function asking<T>(port: number, ask: (client: Redis) => Promise<T>, password?: string): Promise<T> {
  const client = new Redis({
    port,
    retryStrategy: null,
    commandTimeout: 2_000,
    ...(password && { password }),
  })
  client.on('error', () => undefined)
  try {
    return await ask(client)
  } finally {
    client.disconnect()
  }
}
