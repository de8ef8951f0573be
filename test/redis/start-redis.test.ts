import { existsSync } from 'node:fs'
import { startRedis } from '@session-broker/demo/redis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'

function connect(test: Test, url: string): Redis {
  const redis = new Redis(url, { commandTimeout: 300, retryStrategy: () => 20, maxRetriesPerRequest: null })
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
  await t.rejects(redis.ping(), /timed out/)
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

t.test('says in one sentence that there is no redis-server', (t) =>
  t.rejects(startRedis({ command: 'redis-server-of-nobody' }), {
    message: /^redis-server cannot be started: redis-server-of-nobody \(it is not there\)$/,
  }),
)

t.test('says so when the port is taken by another Redis', async (t) => {
  const local = await startRedis()
  t.teardown(() => local.close())
  await t.rejects(startRedis({ port: local.port }), /Address already in use/)
})
