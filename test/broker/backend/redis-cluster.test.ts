import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openRedisConnection } from '../../../apps/broker/src/backend/redis/connect.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { createRedlockMutex } from '../../../apps/broker/src/mutex/redlock-mutex.ts'
import type { Log } from '../../../apps/broker/src/session/ports/log.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { startCluster } from '../../redis/start-cluster.ts'
import { silentLog as silent } from '../session/define-session.ts'
import { connect, eventually, isUp } from './connect-store.ts'
import { sessionStoreContract } from './session-store-contract.ts'
import { logIn, newPlace } from './store-steps.ts'

const cluster = await startCluster()
t.teardown(() => cluster.close())
const [first, second] = cluster.masters

function bystander(t: Test, url: string): Redis {
  const client = new Redis(url)
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  return client
}

/** Accounts enough for every master. */
const places = () => Array.from({ length: 24 }, () => newPlace())

async function open(t: Test) {
  const connection = openRedisConnection({ target: readRedisUrl(cluster.url) })
  t.teardown(() => connection.close())
  await connection.connected(3_000)
  return connection
}

/** A key that this node has. */
async function keyAt(node: Redis): Promise<string> {
  for (let count = 0; ; count++) {
    const isHere = await node.exists(`key-${count}`).then(
      () => true,
      () => false,
    )
    if (isHere) return `key-${count}`
  }
}

const tellsOf = (store: SessionStore) => {
  const told: (string | undefined)[] = []
  store.watch((session) => told.push(session))
  return told
}

t.test('the Redis store on a cluster', async (t) => {
  sessionStoreContract(t, async (t) => ({
    store: await connect(t, cluster.url),
    replica: await connect(t, cluster.url),
    passTime: (ms) => new Promise((done) => setTimeout(done, ms)),
  }))

  t.test('every account has its master, and all masters have some', async (t) => {
    const store = await connect(t, cluster.url)
    await Promise.all(places().map((place) => logIn(store, place)))
    for (const { url } of cluster.masters) t.ok((await bystander(t, url).dbsize()) > 2)
  })

  t.test('warns once of what its masters may lose, with the address of each', async (t) => {
    const warned: unknown[] = []
    const log: Log = { ...silent, warn: ({ reason }) => warned.push(reason) }
    const clients = [first, second].map(({ url }) => bystander(t, url))
    await Promise.all(clients.map((client) => client.config('SET', 'appendfsync', 'everysec')))
    await connect(t, cluster.url, log)
    await Promise.all(clients.map((client) => client.config('SET', 'appendfsync', 'always')))
    const everysec = warned.filter((reason) => String(reason).includes('everysec'))
    t.equal(everysec.length, 1)
    t.match(everysec[0], first.url)
    t.match(everysec[0], second.url)
    t.equal(warned.length, 2)
    t.match(
      warned.find((reason) => !everysec.includes(reason)),
      `Redis at ${first.url}: it has replicas, and its min-replicas-to-write is 0`,
    )
  })

  t.test('does not start where one of its masters would throw sessions away', async (t) => {
    const client = bystander(t, second.url)
    await client.config('SET', 'maxmemory-policy', 'allkeys-lfu')
    await t.rejects(connect(t, cluster.url), { message: `Redis at ${second.url} cannot hold sessions` })
    await client.config('SET', 'maxmemory-policy', 'noeviction')
  })

  t.test(
    'a replica whose subscription was cut listens elsewhere, and is told that any may have changed',
    async (t) => {
      const store = await connect(t, cluster.url)
      const told = tellsOf(store)
      const all = [...cluster.masters, cluster.replica].map(({ url }) => bystander(t, url))
      const killed = await Promise.all(all.map((client) => client.client('KILL', 'TYPE', 'PUBSUB')))
      t.ok(killed.map(Number).some((count) => count > 0))
      t.ok(await eventually(() => told.includes(undefined)))
      await logIn(store, newPlace('again'))
      t.ok(await eventually(() => told.includes('again')))
    },
  )

  t.test('with a wrong password says so at once, and not which', async (t) => {
    const all = [...cluster.masters, cluster.replica].map(({ url }) => bystander(t, url))
    await Promise.all(all.map((client) => client.config('SET', 'requirepass', 'right-canary')))
    const error = await connect(t, cluster.url.replace('//', '//:wrong-canary@')).catch((thrown) => thrown)
    t.match(error, {
      code: 'store_unavailable',
      message: `Redis at ${cluster.url} does not accept the username and password`,
    })
    t.notMatch(JSON.stringify([error.message, error.stack, error.cause]), /canary/)
    const store = await connect(t, cluster.url.replace('//', '//:right-canary@'))
    t.equal(await logIn(store, newPlace()), 'committed')
    await Promise.all(all.map((client) => client.config('SET', 'requirepass', '')))
  })

  t.test('is ready for many commands at once, also before anybody has waited for it', async (t) => {
    const connection = openRedisConnection({ target: readRedisUrl(cluster.url) })
    t.teardown(() => connection.close())
    t.ok(await eventually(isUp(connection)))
    await sleep(200)
    const keys = places().map(({ account }) => account)
    await Promise.all(keys.map((key) => connection.client.get(key)))
  })

  t.test('says nothing when it is closed on purpose', async (t) => {
    const lines: string[] = []
    const note = (_: unknown, message: string) => void lines.push(message)
    const log = { ...silent, info: note, warn: note }
    const connection = openRedisConnection({ target: readRedisUrl(cluster.url), log })
    await connection.connected(3_000)
    await connection.close()
    await sleep(100)
    t.same(lines, [])
  })

  t.test('a command whose answer was lost is not sent again', async (t) => {
    const connection = await open(t)
    const client = bystander(t, second.url)
    const key = await keyAt(client)
    await connection.client.set(key, '0')
    second.freeze()
    await sleep(50)
    const answer = connection.client.eval("return redis.call('INCR', KEYS[1])", 1, key)
    await sleep(50)
    // In one turn of the server: counted, and cut off before the answer is sent.
    const cut = client.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await sleep(50)
    second.thaw()
    await t.rejects(answer)
    await cut
    await sleep(300)
    t.ok(Number(await client.get(key)) <= 1, 'counted once at most')
  })

  t.test('a node that has left the cluster is listened at no longer', async (t) => {
    const connection = await open(t)
    const subscriber = connection.openSubscriber()
    t.teardown(() => subscriber.close())
    const node = bystander(t, cluster.replica.url)
    const isThere = async () => /name=session-broker /.test(String(await node.client('LIST')))
    for (let tries = 0; tries < 20 && !(await isThere()); tries++) {
      subscriber.client.disconnect(true)
      await subscriber.connected(2_000)
    }
    t.ok(await isThere(), 'listens at the one that will leave')
    await subscriber.beat()
    await cluster.leave()
    t.ok(
      await eventually(
        () =>
          subscriber.beat().then(
            () => false,
            () => true,
          ),
        15_000,
      ),
    )
    await cluster.comeBack()
  })

  t.test('a lock on a cluster is one vote', async (t) => {
    const connections = [await open(t), await open(t)]
    const [mine, other] = connections.map((connection) => createRedlockMutex({ servers: [connection] }))
    const accounts = places().map(({ account }) => account)
    const leases = await Promise.all(accounts.map((account) => mine?.tryAcquire(account)))
    t.ok(leases.every((lease) => (lease?.validForMs() ?? 0) > 0))
    for (const account of accounts) t.equal(await other?.tryAcquire(account), undefined)
    await mine?.close()
    const next = await Promise.all(accounts.map((account) => other?.tryAcquire(account)))
    t.ok(next.every((lease) => lease !== undefined))
    await other?.close()
  })

  t.test('a server that is one of its nodes, or none, is told apart', async (t) => {
    const alone = await connect(t, first.url)
    const asked = await Promise.allSettled(places().map((place) => alone.read(place)))
    const refused = asked.find((each) => each.status === 'rejected')
    t.match(refused?.reason, { code: 'store_unavailable', message: /one node of a cluster.*redis-cluster:/ })
    const plain = await startRedis()
    t.teardown(() => plain.close())
    await t.rejects(connect(t, plain.url.replace('redis:', 'redis-cluster:')), { message: 'is no cluster' })
  })

  t.test('a master that is killed is replaced, its sessions are there and changes are told', async (t) => {
    const lines: [string, unknown][] = []
    const log: Log = {
      ...silent,
      info: ({ reason }, message) => lines.push([message, reason]),
      warn: ({ reason }, message) => lines.push([message, reason]),
    }
    const store = await connect(t, cluster.url, log)
    const watcher = await connect(t, cluster.url)
    const told = tellsOf(watcher)
    const elsewhere = (await open(t)).openSubscriber()
    t.teardown(() => elsewhere.close())
    let gaps = 0
    elsewhere.onGap(() => gaps++)
    const all = places()
    for (const place of all) t.equal(await logIn(store, place, 'kept'), 'committed')
    const replica = bystander(t, cluster.replica.url)
    const offset = async (client: Redis) =>
      /(?:master_repl_offset):(\d+)/.exec(await client.info('replication'))?.[1]
    const wanted = await offset(bystander(t, first.url))
    t.ok(await eventually(async () => Number(await offset(replica)) >= Number(wanted)), 'is replicated')
    lines.length = 0

    await first.kill9()
    const readAll = () => Promise.all(all.map((place) => store.read(place)))
    const areBack = () =>
      readAll().then(
        () => true,
        (error) => {
          t.equal(error.code, 'store_unavailable')
          return false
        },
      )
    t.notOk(await areBack(), 'without it a part is away')
    t.ok(await eventually(areBack, 20_000))
    t.ok(await eventually(isUp(store), 5_000))
    for (const each of await readAll()) t.match(each, { generation: 1, stored: { sealed: 'sb1.0.kept' } })
    t.ok(
      await eventually(() => gaps > 0 && told.includes(undefined), 10_000),
      'what was told last may have reached nobody',
    )
    for (const place of all)
      t.equal(await logIn(store, { ...place, session: `new-${place.account}` }), 'committed')
    t.ok(await eventually(() => all.every(({ account }) => told.includes(`new-${account}`))))
    t.same(
      lines.filter(([message]) => message === 'the connection to Redis was lost'),
      [['the connection to Redis was lost', first.url]],
      'logged once',
    )
  })
})
