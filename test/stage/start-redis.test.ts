import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startRedis } from '@session-broker/stage/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'

function connect(test: Test, url: string, commandTimeout = 20_000): Redis {
  const redis = new Redis(url, { commandTimeout, retryStrategy: () => 20, maxRetriesPerRequest: null })
  // It comes back by itself: the tests look at answers.
  redis.on('error', () => undefined)
  test.teardown(() => redis.disconnect())
  return redis
}

t.test('starts a Redis whose acknowledged writes survive kill -9', async (t) => {
  const local = await startRedis()
  t.teardown(() => local.close())
  const redis = connect(t, local.url)
  const wanted = {
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    bind: '127.0.0.1',
  }
  for (const [name, value] of Object.entries(wanted)) t.same(await redis.config('GET', name), [name, value])

  await redis.set('acknowledged', 'yes')
  const before = local.pid()
  await local.kill9()
  await local.restart()
  t.not(local.pid(), before)
  t.equal(await connect(t, local.url).get('acknowledged'), 'yes')
})

t.test('a frozen one answers nothing until it is thawed', async (t) => {
  const local = await startRedis()
  t.teardown(() => local.close())
  const redis = connect(t, local.url)
  await redis.ping()
  local.freeze()
  await t.rejects(connect(t, local.url, 500).ping(), /timed out/)
  local.thaw()
  t.equal(await redis.ping(), 'PONG')
})

t.test('removes its folder on close, a frozen one too', async (t) => {
  const local = await startRedis()
  t.ok(existsSync(local.dir))
  local.freeze()
  await local.close()
  t.notOk(existsSync(local.dir))
  t.throws(() => process.kill(local.pid(), 0), { code: 'ESRCH' })
})

const onlyLinux = process.platform === 'linux' ? {} : { skip: 'elsewhere nobody tells it' }

t.test('ends with the process that started it, when that is killed', onlyLinux, async (t) => {
  const program = fileURLToPath(new URL('./redis-holder.ts', import.meta.url))
  const holder = spawn(process.execPath, [...process.execArgv, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => holder.kill('SIGKILL'))
  const [said] = await once(holder.stdout, 'data')
  const { url, dir } = JSON.parse(String(said)) as { url: string; dir: string }
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  t.ok(await answers(url))

  holder.kill('SIGKILL')
  await once(holder, 'exit')
  for (let tries = 0; tries < 100 && (await answers(url)); tries++) await sleep(20)
  t.notOk(await answers(url))
})

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    return (await redis.connect().then(() => redis.ping())) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

t.test('says in one sentence that there is no redis-server', (t) =>
  t.rejects(startRedis({ command: 'redis-server-of-nobody' }), {
    message: 'redis-server cannot be started: there is no redis-server-of-nobody',
  }),
)

t.test('says so when the port is taken by another Redis', async (t) => {
  const local = await startRedis()
  t.teardown(() => local.close())
  await t.rejects(startRedis({ port: local.port }), /Address already in use/)
})
