import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { connectRedisStore } from '../../../apps/broker/src/backend/redis/redis-store.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import type { SessionPlace } from '../../../apps/broker/src/session/ports/session-store.ts'
import { budget, silentLog as silent, startOf } from '../session/define-session.ts'
import { canary, canaryKey, canaryState } from './canary.ts'
import { connect, eventually, isUp } from './connect-store.ts'
import { sessionStoreContract } from './session-store-contract.ts'
import { begin, logIn, newPlace, publication, reportOf } from './store-steps.ts'

async function ownRedis(t: Test, options: Parameters<typeof startRedis>[0] = {}) {
  const redis = await startRedis(options)
  t.teardown(() => redis.close())
  return redis
}

/** A client beside the broker's own. */
function bystander(t: Test, url: string): Redis {
  const client = new Redis(url)
  t.teardown(() => client.disconnect())
  return client
}

async function tookMs(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}

t.test('the Redis store', async (t) => {
  const shared = await ownRedis(t)

  sessionStoreContract(t, async (t) => ({
    store: await connect(t, shared.url),
    replica: await connect(t, shared.url),
    passTime: (ms) => new Promise((done) => setTimeout(done, ms)),
  }))

  t.test('a commit that was acknowledged survives kill -9 of Redis', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const place = newPlace()
    await logIn(store, place, 'kept')
    await redis.kill9()
    await redis.restart()
    t.ok(await eventually(isUp(store)))
    t.match(await store.read(place), { generation: 1, stored: { sealed: 'sb1.0.kept' } })
  })

  t.test('a permit that was given holds after kill -9 of Redis', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const place = newPlace()
    const { fence } = await begin(store, place)
    await store.grantPermit(place, { fence, durationMs: 60_000, budget })
    await redis.kill9()
    await redis.restart()
    t.ok(await eventually(isUp(store)))
    t.match(await begin(store, place).catch(String), /permit_outstanding/)
  })

  t.test('a Redis that lost everything gives no fence out twice', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const place = newPlace()
    const before = await begin(store, place)
    await bystander(t, redis.url).flushall()
    const after = await begin(store, place)
    t.ok(after.fence > before.fence)
    t.equal(await store.commitLogin(place, { ...before, ...publication() }), 'fenced')
  })

  t.test('a dead Redis is an error at once, and none any more when it is back', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const told: unknown[] = []
    store.watch((session) => told.push(session))
    await redis.kill9()
    const unavailable = {
      code: 'store_unavailable',
      message: `Redis at ${redis.url} cannot be reached`,
    }
    const calls = [() => store.read(newPlace()), () => store.ping(), () => begin(store, newPlace())]
    for (const call of calls) {
      const answer = async () => void (await call())
      t.ok((await tookMs(() => t.rejects(answer, unavailable))) < 2_000)
    }
    await redis.restart()
    t.ok(await eventually(isUp(store)))
    t.ok(await eventually(() => told.includes(undefined)), 'after the break any session may have changed')
    const place = newPlace('after-the-break')
    await logIn(await connect(t, redis.url), place)
    t.ok(await eventually(() => told.includes(place.session)), 'changes are told again')
  })

  t.test('a frozen Redis is an error within two seconds, and works on when it is thawed', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const place = newPlace()
    redis.freeze()
    const answer = () => t.rejects(store.read(place), { code: 'store_unavailable', message: /in time/ })
    t.ok((await tookMs(answer)) < 2_000)
    redis.thaw()
    t.ok(await eventually(isUp(store)))
    t.equal(await logIn(store, place), 'committed')
  })

  t.test('a command that lands after its sender has given it up does nothing', async (t) => {
    const redis = await ownRedis(t)
    const [store, replica] = [await connect(t, redis.url), await connect(t, redis.url)]
    const steps = (place: SessionPlace, { fence, ...login }: Awaited<ReturnType<typeof begin>>) => [
      () => replica.beginLogin(place, startOf()),
      () => replica.grantPermit(place, { fence, durationMs: 60_000, budget }),
      () => replica.commitLogin(place, { fence, ...login, ...publication() }),
      () => replica.failLogin(place, reportOf(fence, { breaker: {} })),
      () => replica.abandonLogin(place, { fence }),
      () => replica.resetLogins(place),
    ]
    // Once, so that nothing has to be loaded or measured first when it counts.
    const other = newPlace()
    for (const ask of steps(other, await begin(store, other))) await ask()
    const place = newPlace()
    const running = await begin(store, place)
    const { nowMs: _, ...before } = await store.read(place)
    redis.freeze()
    const answers = await Promise.allSettled(steps(place, running).map((ask) => ask()))
    for (const answer of answers) {
      t.match(answer, { status: 'rejected', reason: { code: 'store_unavailable', message: /in time/ } })
    }
    redis.thaw()
    t.ok(await eventually(isUp(store)))
    t.ok(await eventually(isUp(replica)))
    const { nowMs: __, ...after } = await store.read(place)
    t.same(after, before)
    t.equal(await store.commitLogin(place, { ...running, ...publication() }), 'committed')
  })

  t.test('a master that has become a replica is looked up again', async (t) => {
    const [redis, other] = [await ownRedis(t), await ownRedis(t)]
    const lines: string[] = []
    const note = (_: unknown, message: string) => void lines.push(message)
    const store = await connect(t, redis.url, { ...silent, info: note, warn: note })
    await bystander(t, redis.url).replicaof('127.0.0.1', other.port)
    await t.rejects(logIn(store, newPlace()), { message: /is a replica, which takes no writes/ })
    t.ok(await eventually(() => lines.includes('Redis is connected')))
    t.equal(lines[0], 'the connection to Redis was lost')
  })

  t.test('a replica whose subscription was cut is told that any may have changed', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const told: unknown[] = []
    store.watch((session) => told.push(session))
    await bystander(t, redis.url).client('KILL', 'TYPE', 'PUBSUB')
    t.ok(await eventually(() => told.includes(undefined)))
    await logIn(store, newPlace('again'))
    t.ok(await eventually(() => told.includes('again')))
  })

  t.test('what is published is a name and nothing else', async (t) => {
    const store = await connect(t, shared.url)
    const listener = bystander(t, shared.url)
    const messages: string[][] = []
    listener.on('message', (...message: string[]) => messages.push(message))
    await listener.subscribe('sb:changes')
    await logIn(store, newPlace('named'))
    t.ok(await eventually(() => messages.length >= 2))
    t.same(new Set(messages.flat()), new Set(['sb:changes', 'named']))
  })

  t.test('nothing of a secret can be read in the append-only file', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    const sealer = createStateSealer({ keys: [canaryKey] })
    const place = newPlace()
    const sealed = sealer.seal(canaryState, { session: place.session, generation: 1, revision: 0 })
    const login = await begin(store, place)
    await store.commitLogin(place, { ...login, mark: 'mark', sealed })
    const files = readdirSync(redis.dir, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    )
    const all = Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))))
    t.ok(all.includes(sealed), 'the sealed state is in it')
    t.notOk(all.includes(canary))
  })
})

t.test('connecting to Redis', async (t) => {
  t.test('where there is none fails with its address, within seconds', async (t) => {
    const redis = await ownRedis(t)
    await redis.kill9()
    const url = redis.url.replace('//', '//user:secret-canary@')
    const error = await connectRedisStore({ target: readRedisUrl(url), log: silent }).catch(
      (thrown) => thrown,
    )
    t.match(error, {
      code: 'store_unavailable',
      message: `Redis at ${redis.url} cannot be reached (ECONNREFUSED)`,
    })
  })

  t.test('with a wrong password says so at once, and not which', async (t) => {
    const redis = await ownRedis(t)
    await bystander(t, redis.url).config('SET', 'requirepass', 'right-canary')
    const url = redis.url.replace('//', '//:wrong-canary@')
    const error = await connectRedisStore({ target: readRedisUrl(url), log: silent }).catch(
      (thrown) => thrown,
    )
    t.match(error, { code: 'store_unavailable', message: /does not accept the username and password/ })
    t.notMatch(JSON.stringify([error.message, error.stack, error.cause]), /canary/)
    await t.rejects(connectRedisStore({ target: readRedisUrl(redis.url), log: silent }), {
      message: /wants a password/,
    })
    const store = await connect(t, redis.url.replace('//', '//:right-canary@'))
    await t.resolves(store.ping())
  })

  t.test('keeps what Redis refuses to store out of its words', async (t) => {
    const redis = await ownRedis(t)
    const store = await connect(t, redis.url)
    await bystander(t, redis.url).config('SET', 'maxmemory', '1')
    const error = await logIn(store, newPlace(), canary).catch((thrown) => thrown)
    t.match(error, { code: 'store_unavailable', message: /has no memory left/ })
    t.notMatch(JSON.stringify([error.message, error.stack, error.cause]), new RegExp(canary))
  })
})
