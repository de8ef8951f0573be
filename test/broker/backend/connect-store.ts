import type { Test } from 'tap'
import { connectRedisStore } from '../../../apps/broker/src/backend/redis/redis-store.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { silentLog } from '../session/define-session.ts'

/** A broker's way to its Redis, closed when the test ends. */
export async function connect(t: Test, url: string, log = silentLog) {
  const store = await connectRedisStore({ target: readRedisUrl(url), log })
  t.teardown(() => store.close())
  return store
}

export async function eventually(isSo: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    if (await isSo()) return true
    await new Promise((done) => setTimeout(done, 10))
  }
  return false
}

export const isUp = (store: { ping(): Promise<void> }) => () =>
  store.ping().then(
    () => true,
    () => false,
  )
