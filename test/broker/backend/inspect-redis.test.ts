import { startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { inspectRedis } from '../../../apps/broker/src/backend/redis/inspect-redis.ts'
import type { Log } from '../../../apps/broker/src/session/ports/log.ts'
import { silentLog as silent } from '../session/define-session.ts'
import { connect, eventually } from './connect-store.ts'

async function ownRedis(t: Test) {
  const redis = await startRedis()
  t.teardown(() => redis.close())
  const client = new Redis(redis.url)
  t.teardown(() => client.disconnect())
  return { url: redis.url, client, look: () => inspectRedis([{ address: redis.url, client }]) }
}

t.test('warns of what this Redis may lose', async (t) => {
  const { url, client, look } = await ownRedis(t)
  t.same(await look(), [], 'nothing, as the tests start it')
  const warned: unknown[] = []
  const log: Log = { ...silent, warn: ({ reason }) => warned.push(reason) }
  await client.config('SET', 'appendfsync', 'everysec')
  await client.config('SET', 'maxmemory-policy', 'volatile-lru')
  await connect(t, url, log)
  t.match(warned, [
    `Redis at ${url}: its appendfsync is everysec`,
    `Redis at ${url}: its maxmemory-policy is volatile-lru: when its memory is full`,
  ])
  await client.config('SET', 'appendonly', 'no')
  t.match((await look())[0], /its appendonly is no.*everything since its last snapshot/)
  t.equal((await look()).length, 2, 'how often it is flushed means nothing then')
  await client.acl('SETUSER', 'default', '-config', '-info')
  t.match(await look(), [/appendonly cannot be read/, /./, /./])
})

t.test('does not start on a Redis that would throw sessions away', async (t) => {
  const { url, client } = await ownRedis(t)
  for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random']) {
    await client.config('SET', 'maxmemory-policy', policy)
    await t.rejects(connect(t, url), {
      code: 'store_unavailable',
      message: `Redis at ${url} cannot hold sessions: its maxmemory-policy is ${policy}`,
    })
  }
  const isLeft = async () => !String(await client.client('LIST')).includes('name=session-broker')
  t.ok(await eventually(isLeft), 'and leaves no connection behind')
})

t.test('warns of replicas that need not have what was acknowledged', async (t) => {
  const { url, client, look } = await ownRedis(t)
  const { port } = new URL(url)
  await client.config('SET', 'repl-diskless-sync-delay', '0')
  const replica = await startRedis({ settings: { replicaof: `127.0.0.1 ${port}` } })
  t.teardown(() => replica.close())
  await client.wait(1, 10_000)
  t.match(await look(), [
    /^Redis at .*: it has replicas, and its min-replicas-to-write is 0: .* set it to 1 or more$/,
  ])
  await client.config('SET', 'min-replicas-to-write', '1')
  t.same(await look(), [])
})
