import { startRedis } from '@session-broker/stage/redis'
import type { Test } from 'tap'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { connectRedisStore } from '../../../apps/broker/src/backend/redis/redis-store.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { silentLog } from './define-session.ts'

/** Either store, as its opener gives it. */
export type AnyStore = ReturnType<typeof openEmbeddedStore>

/** The same tests over the embedded store and over a real Redis. */
export function overBothStores(t: Test, tests: (t: Test, store: AnyStore) => void): void {
  t.test('over the embedded store', async (t) => {
    const store = openEmbeddedStore({ folder: t.testdir() })
    t.teardown(() => store.close())
    tests(t, store)
  })

  t.test('over Redis', async (t) => {
    const redis = await startRedis()
    const store = await connectRedisStore({ target: readRedisUrl(redis.url), log: silentLog })
    t.teardown(async () => {
      await store.close()
      await redis.close()
    })
    tests(t, store)
  })
}
