import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LocalRedis, startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openRedisConnection } from '../../../apps/broker/src/backend/redis/connect.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { createRedlockMutex } from '../../../apps/broker/src/mutex/redlock-mutex.ts'
import type { Lease } from '../../../apps/broker/src/session/ports/login-mutex.ts'
import { loginMutexContract, newAccount } from './login-mutex-contract.ts'

const ttlMs = 600

async function startServers(t: Test, count: number): Promise<LocalRedis[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => startRedis()))
  t.teardown(() => Promise.all(servers.map((server) => server.close())))
  return servers
}

/** A replica's mutex, on connections of its own. */
async function replica(t: Test, servers: readonly LocalRedis[], options: { ttlMs?: number } = { ttlMs }) {
  const connections = servers.map(({ url }) =>
    openRedisConnection({ target: readRedisUrl(url), commandTimeoutMs: 300 }),
  )
  await Promise.all(connections.map((connection) => connection.connected(2_000)))
  const mutex = createRedlockMutex({ servers: connections, ...options })
  t.teardown(async () => {
    await mutex.close()
    await Promise.all(connections.map((connection) => connection.close()))
  })
  return mutex
}

/** A look from outside at what lies in the servers. */
async function bystander(t: Test, server: LocalRedis | undefined) {
  const client = new Redis(server?.url ?? '')
  t.teardown(() => client.disconnect())
  return client
}

const lockKey = (account: string) => `sb:{${account}}:mutex`

async function held(lease: Promise<Lease | undefined>): Promise<Lease> {
  const held = await lease
  if (!held) throw new Error('not acquired')
  return held
}

async function msUntilLost(lease: Lease): Promise<number> {
  const since = performance.now()
  while (lease.validForMs() > 0 && performance.now() - since < 10_000) await sleep(5)
  return performance.now() - since
}

t.test('the mutex over one Redis', async (t) => {
  const servers = await startServers(t, 1)
  const [server] = servers

  loginMutexContract(t, (t) => Promise.all([1, 2, 3].map(() => replica(t, servers))))

  t.test('is held beyond its ttl for as long as its holder lives', async (t) => {
    const account = newAccount()
    const [mutex, other] = await Promise.all([replica(t, servers), replica(t, servers)])
    const lease = await held(mutex.tryAcquire(account))
    const until = performance.now() + 3 * ttlMs
    while (performance.now() < until) {
      t.ok(lease.validForMs() > 0 && lease.validForMs() < ttlMs)
      t.equal(await other.tryAcquire(account), undefined)
      await sleep(ttlMs / 5)
    }
    await lease.release()
    await (await held(other.tryAcquire(account))).release()
  })

  // At its next renewal, which is due after a third of the ttl: by itself it would last for another two.
  const soonMs = 900
  const longTtl = { ttlMs: 1_800 }

  t.test('is over, for its holder too, soon after its key was deleted', async (t) => {
    const account = newAccount()
    const lease = await held((await replica(t, servers, longTtl)).tryAcquire(account))
    await (await bystander(t, server)).del(lockKey(account))
    t.ok((await msUntilLost(lease)) <= soonMs)
  })

  t.test('is over soon after its key was stolen, and the thief keeps it', async (t) => {
    const account = newAccount()
    const lease = await held((await replica(t, servers, longTtl)).tryAcquire(account))
    const client = await bystander(t, server)
    await client.set(lockKey(account), 'thief')
    t.ok((await msUntilLost(lease)) <= soonMs)
    await sleep(longTtl.ttlMs / 2)
    t.equal(lease.validForMs(), 0, 'lost stays lost')
    await lease.release()
    t.equal(await client.get(lockKey(account)), 'thief')
  })

  t.test('is not brought back by a renewal that was answered too late', async (t) => {
    const [own] = await startServers(t, 1)
    if (!own) throw new Error('no server')
    const connection = openRedisConnection({ target: readRedisUrl(own.url) })
    t.teardown(() => connection.close())
    await connection.connected(2_000)
    let stoppedForMs = 0
    const nowMs = () => performance.now() + stoppedForMs
    const mutex = createRedlockMutex({ servers: [connection], ...longTtl, nowMs })
    const lease = await held(mutex.tryAcquire(newAccount()))
    own.freeze()
    // Half a ttl: the renewal is under way, and would reach from a third of the ttl to four thirds of it.
    await sleep(longTtl.ttlMs / 2)
    stoppedForMs = 0.6 * longTtl.ttlMs
    own.thaw()
    await sleep(longTtl.ttlMs / 10)
    t.equal(lease.validForMs(), 0)
    await lease.release()
  })

  t.test('does not mind that the wall clock is set', async (t) => {
    const lease = await held((await replica(t, servers)).tryAcquire(newAccount()))
    const { now } = Date
    t.teardown(() => {
      Date.now = now
    })
    for (const setByMs of [3_600_000, -3_600_000]) {
      Date.now = () => now() + setByMs
      await sleep(1.5 * ttlMs)
      t.ok(lease.validForMs() > 0 && lease.validForMs() < ttlMs)
    }
    await lease.release()
  })

  t.test('is over for its holder before it can be for Redis, when Redis falls silent', async (t) => {
    const [own] = await startServers(t, 1)
    if (!own) throw new Error('no server')
    const account = newAccount()
    const lease = await held((await replica(t, [own])).tryAcquire(account))
    own.freeze()
    const lostAfterMs = await msUntilLost(lease)
    t.ok(lostAfterMs <= ttlMs, 'no later than a ttl after the last renewal')
    own.thaw()
    await t.resolves(lease.release(), 'and its release does not reject')
  })

  t.test('a short silence of Redis is got over', async (t) => {
    const [own] = await startServers(t, 1)
    if (!own) throw new Error('no server')
    const lease = await held((await replica(t, [own], { ttlMs: 3_000 })).tryAcquire(newAccount()))
    await sleep(900)
    own.freeze()
    await sleep(600)
    own.thaw()
    const until = performance.now() + 3_000
    while (performance.now() < until && lease.validForMs() > 0) await sleep(50)
    t.ok(lease.validForMs() > 0)
  })

  t.test('a holder that was stopped knows at its first look that it has lost it', async (t) => {
    const account = newAccount()
    const execArgv = ['--conditions=@session-broker/source']
    const args = [server?.url ?? '', account, String(ttlMs)]
    const child = fork(join(import.meta.dirname, 'lock-holder.ts'), args, { execArgv })
    t.teardown(() => child.kill('SIGKILL'))
    t.match((await once(child, 'message'))[0], { validForMs: Number })
    const mutex = await replica(t, servers)
    t.equal(await mutex.tryAcquire(account), undefined)
    child.kill('SIGSTOP')
    await sleep(ttlMs + 50)
    const next = await held(mutex.tryAcquire(account))
    child.send('look')
    child.kill('SIGCONT')
    t.same((await once(child, 'message'))[0], { validForMs: 0 })
    await sleep(ttlMs)
    t.ok(next.validForMs() > 0, 'and takes nothing from the next')
  })

  t.test('a dead holder keeps others out for a ttl', async (t) => {
    const account = newAccount()
    const execArgv = ['--conditions=@session-broker/source']
    const child = fork(
      join(import.meta.dirname, 'lock-holder.ts'),
      [server?.url ?? '', account, String(ttlMs)],
      {
        execArgv,
      },
    )
    await once(child, 'message')
    const mutex = await replica(t, servers)
    child.kill('SIGKILL')
    t.equal(await mutex.tryAcquire(account), undefined)
    await sleep(ttlMs + 50)
    await held(mutex.tryAcquire(account))
  })

  t.test('gives up what it holds when it is closed', async (t) => {
    const account = newAccount()
    const [mutex, other] = await Promise.all([replica(t, servers), replica(t, servers)])
    const lease = await held(mutex.tryAcquire(account))
    await mutex.close()
    t.equal(lease.validForMs(), 0)
    await held(other.tryAcquire(account))
  })

  t.test('a lock that was handed out too slowly counts as not acquired', async (t) => {
    const connection = openRedisConnection({ target: readRedisUrl(server?.url ?? '') })
    t.teardown(() => connection.close())
    await connection.connected(2_000)
    let nowMs = 0
    const slow = createRedlockMutex({
      servers: [connection],
      ttlMs,
      nowMs: () => {
        nowMs += ttlMs / 2
        return nowMs
      },
    })
    const account = newAccount()
    t.equal(await slow.tryAcquire(account), undefined)
    await held((await replica(t, servers)).tryAcquire(account))
  })
})

t.test('the mutex over three Redis', async (t) => {
  loginMutexContract(t, async (t) => {
    const servers = await startServers(t, 3)
    return Promise.all([1, 2, 3].map(() => replica(t, servers)))
  })

  t.test('works on with one of them dead, and with two says that too few answer', async (t) => {
    const servers = await startServers(t, 3)
    const [first, second] = servers
    const [mutex, other] = await Promise.all([replica(t, servers), replica(t, servers)])
    const account = newAccount()
    const lease = await held(mutex.tryAcquire(account))
    await first?.kill9()
    t.equal(await other.tryAcquire(account), undefined)
    await sleep(2 * ttlMs)
    t.ok(lease.validForMs() > 0, 'it is renewed')
    await lease.release()
    await (await held(other.tryAcquire(account))).release()

    await second?.kill9()
    await t.rejects(mutex.tryAcquire(account), {
      code: 'store_unavailable',
      message: 'only 1 of 3 lock servers answer',
    })
    await first?.restart()
    const since = performance.now()
    let again: Lease | undefined
    while (!again && performance.now() - since < 5_000) {
      again = await mutex.tryAcquire(account).catch(() => undefined)
      await sleep(20)
    }
    t.ok(again, 'and works again with one of them back')
  })

  t.test('a frozen one does not hold the others up for long', async (t) => {
    const servers = await startServers(t, 3)
    const mutex = await replica(t, servers)
    servers[0]?.freeze()
    const since = performance.now()
    const lease = await held(mutex.tryAcquire(newAccount()))
    t.ok(performance.now() - since < 300, 'two votes suffice')
    await lease.release()
    servers[1]?.freeze()
    await t.rejects(mutex.tryAcquire(newAccount()), { code: 'store_unavailable' })
    t.ok(performance.now() - since < 2_000)
  })

  t.test('a key stolen on one server is nothing, on two it is the end', async (t) => {
    const servers = await startServers(t, 3)
    const account = newAccount()
    const lease = await held((await replica(t, servers)).tryAcquire(account))
    const clients = await Promise.all(servers.map((server) => bystander(t, server)))
    await clients[0]?.set(lockKey(account), 'thief')
    await sleep(2 * ttlMs)
    t.ok(lease.validForMs() > 0)
    await clients[1]?.set(lockKey(account), 'thief')
    t.ok((await msUntilLost(lease)) <= ttlMs)
  })

  t.test('wants an odd number: two halves could disagree for ever', async (t) => {
    const client = { eval: async () => 1, evalsha: async () => 1 }
    const servers = [1, 2].map((each) => ({ address: `redis-${each}`, client }))
    t.throws(() => createRedlockMutex({ servers }), { message: /odd number/ })
  })
})
