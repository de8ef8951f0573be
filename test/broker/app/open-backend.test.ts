import { startRedis } from '@session-broker/stage/redis'
import t from 'tap'
import { openBackend } from '../../../apps/broker/src/app/open-backend.ts'
import { createSecretResolver } from '../../../apps/broker/src/config/resolve-secret.ts'
import { newPlace } from '../backend/store-steps.ts'
import { configFolder, shop } from '../config/write-config.ts'
import { silentLog as silent } from '../session/define-session.ts'

const folder = t.testdir()
const config = await configFolder(folder).load(
  `redis: env:REDIS\nlockRedis: [env:LOCKS]\nsecretKey: env:KEY\nsessions:\n  ${shop}\n`,
)
const open = (env: Record<string, string>) =>
  openBackend(config, { resolveSecret: createSecretResolver({ env, baseFolder: folder }), log: silent })

t.test('opens the Redis that the references lead to, one for the store and one for the locks', async (t) => {
  const [data, locks] = await Promise.all([startRedis(), startRedis()])
  t.teardown(() => Promise.all([data.close(), locks.close()]))
  const backend = await open({ REDIS: data.url, LOCKS: locks.url })
  t.teardown(() => backend.close())
  await backend.store.ping()
  await locks.kill9()
  await t.rejects(backend.mutex.tryAcquire(newPlace().account), { message: locks.url })
  await backend.store.ping()
})

t.test('says which reference leads to no Redis address, and nothing of what it leads to', async (t) => {
  const wrong: [Record<string, string>, string][] = [
    [{ REDIS: 'redis://:can/ary@a', LOCKS: 'redis://a' }, 'env:REDIS gives no Redis address: it wants hosts'],
    [{ REDIS: 'redis://a', LOCKS: 'canary' }, 'env:LOCKS gives no Redis address: it wants a Redis URL'],
  ]
  for (const [env, words] of wrong) {
    const error = await open(env).then(
      () => new Error('it opened'),
      (thrown) => thrown,
    )
    t.match(error, { code: 'store_unavailable', message: words })
    t.notMatch(JSON.stringify([error.message, error.stack, error.cause]), /can\/?ary/)
  }
})
