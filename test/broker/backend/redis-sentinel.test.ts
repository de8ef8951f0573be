import { type LocalRedis, startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openRedisConnection } from '../../../apps/broker/src/backend/redis/connect.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { createRedlockMutex } from '../../../apps/broker/src/mutex/redlock-mutex.ts'
import type { Log } from '../../../apps/broker/src/session/ports/log.ts'
import { startSentinel, startSentinels } from '../../redis/start-sentinels.ts'
import { budget, silentLog as silent } from '../session/define-session.ts'
import { connect, eventually, isUp } from './connect-store.ts'
import { begin, logIn, newPlace, publication } from './store-steps.ts'

function bystander(t: Test, url: string): Redis {
  const client = new Redis(url)
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  return client
}

t.test('the Redis store over Sentinel', async (t) => {
  const watched = await startSentinels()
  t.teardown(() => watched.close())
  const { master, replicas, sentinels, url } = watched

  t.test('warns that a failover may lose what was acknowledged last', async (t) => {
    const warned: unknown[] = []
    const log: Log = { ...silent, warn: ({ reason }) => warned.push(reason) }
    await connect(t, url, log)
    t.equal(warned.length, 1)
    t.match(warned[0], `Redis at ${url}: it has replicas, and its min-replicas-to-write is 0`)
    const client = bystander(t, master.url)
    await client.config('SET', 'min-replicas-to-write', '1')
    await connect(t, url, log)
    await client.config('SET', 'min-replicas-to-write', '0')
    t.equal(warned.length, 1)
  })

  t.test('says what is wrong with the sentinels or their address, and shows no password', async (t) => {
    const own = await startRedis()
    t.teardown(() => own.close())
    const sentinel = await startSentinel({ masterPort: own.port, quorum: 1, password: 'right-canary' })
    t.teardown(() => sentinel.close())
    const guarded = `redis-sentinel://127.0.0.1:${sentinel.port}/mymaster`
    const nowhere = 'redis-sentinel://127.0.0.1:1,127.0.0.1:2/mymaster'
    const wrong: [string, string][] = [
      [url.replace('mymaster', 'another'), 'is known to no sentinel that answers'],
      [guarded, 'the sentinels want another sentinelUsername or sentinelPassword'],
      [`${guarded}?sentinelPassword=wrong-canary`, 'the sentinels want another'],
      [nowhere, `Redis at ${nowhere} cannot be reached`],
    ]
    await Promise.all(
      wrong.map(async ([each, words]) => {
        const error = await connect(t, each).catch((thrown) => thrown)
        t.match(error, { code: 'store_unavailable', message: words })
        t.notMatch(JSON.stringify([error.message, error.stack, error.cause]), /canary/)
      }),
    )
    await t.resolves((await connect(t, `${guarded}?sentinelPassword=right-canary`)).ping())
  })

  t.test('a master that is killed is replaced: what was replicated is there, changes are told', async (t) => {
    const lines: string[] = []
    const log: Log = {
      ...silent,
      info: (_, message) => lines.push(message),
      warn: (_, message) => lines.push(message),
    }
    const store = await connect(t, url, log)
    const watcher = await connect(t, url)
    const lock = openRedisConnection({ target: readRedisUrl(url) })
    t.teardown(() => lock.close())
    await lock.connected(3_000)
    const mutex = createRedlockMutex({ servers: [lock], ttlMs: 1_000 })
    t.teardown(() => mutex.close())
    const told: (string | undefined)[] = []
    watcher.watch((session) => told.push(session))
    const [kept, running] = [newPlace(), newPlace()]
    await logIn(store, kept, 'kept')
    const { fence } = await begin(store, running)
    await store.grantPermit(running, { fence, durationMs: 60_000, budget })
    t.equal(await bystander(t, master.url).wait(2, 5_000), 2, 'is replicated')
    lines.length = 0

    // One of three sentinels is away as well: the others agree without it.
    await sentinels[0]?.kill9()
    await master.kill9()
    const error = await store.read(kept).catch((thrown) => thrown)
    t.match(error, { code: 'store_unavailable', message: `Redis at ${url} cannot be reached` })
    t.ok(await eventually(isUp(store), 20_000))
    t.ok(await masterAmong(t, replicas))
    t.match(await store.read(kept), { generation: 1, stored: { sealed: 'sb1.0.kept' } })
    t.match(await begin(store, running).catch(String), /permit_outstanding/)
    t.ok(await eventually(() => told.includes(undefined)), 'any may have changed')
    t.equal(await logIn(store, newPlace('after-it')), 'committed')
    t.ok(await eventually(() => told.includes('after-it')))
    const account = newPlace().account
    t.ok(await eventually(async () => (await mutex.tryAcquire(account).catch(() => undefined)) !== undefined))
    t.same(lines, ['the connection to Redis was lost', 'Redis is connected'], 'each logged once')
  })

  t.test('a fence that the new master never heard of is not given out again', async (t) => {
    const store = await connect(t, url)
    const place = newPlace()
    const before = await begin(store, place)
    // As after a failover that lost it.
    const now = await masterAmong(t, replicas)
    await bystander(t, now?.url ?? '').del(`sb:{${place.account}}:login`)
    const after = await begin(store, place)
    t.ok(after.fence > before.fence)
    t.equal(await store.commitLogin(place, { ...before, ...publication() }), 'fenced')
  })

  t.test('a master that is replaced though it lives gets no more writes', async (t) => {
    const store = await connect(t, url)
    const told: (string | undefined)[] = []
    store.watch((session) => told.push(session))
    const before = await masterAmong(t, replicas)
    const next = replicas.find((each) => each !== before)
    const sentinel = bystander(t, `redis://127.0.0.1:${sentinels[1]?.port}`)
    const isAsked = async () => (await sentinel.call('SENTINEL', 'FAILOVER', 'mymaster')) === 'OK'
    t.ok(await eventually(() => isAsked().catch(() => false), 15_000))
    t.ok(await eventually(() => told.includes(undefined)))
    // For some seconds the old one does not know that it is none any more.
    t.equal((await bystander(t, before?.url ?? '').role())[0], 'master')
    const newMaster = bystander(t, next?.url ?? '')
    const lands = async () => {
      const place = newPlace('moved')
      await logIn(store, place).catch(() => undefined)
      return (await newMaster.exists(`sb:{${place.account}}:session:moved`)) === 1 && told.includes('moved')
    }
    t.ok(await eventually(lands))
  })
})

async function masterAmong(t: Test, servers: readonly LocalRedis[]): Promise<LocalRedis | undefined> {
  for (const server of servers) if ((await bystander(t, server.url).role())[0] === 'master') return server
  return undefined
}
