import { openEmbeddedStore } from '../backend/embedded/embedded-store.ts'
import { openRedisConnection } from '../backend/redis/connect.ts'
import { connectRedisStore } from '../backend/redis/redis-store.ts'
import type { BrokerConfig } from '../config/load-config.ts'
import type { SecretResolver } from '../config/resolve-secret.ts'
import { createLocalMutex } from '../mutex/local-mutex.ts'
import { createRedlockMutex } from '../mutex/redlock-mutex.ts'
import type { Log } from '../session/ports/log.ts'
import type { LoginMutex } from '../session/ports/login-mutex.ts'
import type { SessionStore } from '../session/ports/session-store.ts'
import type { WorkerBoard } from '../session/ports/worker-board.ts'

export interface Backend {
  store: SessionStore & WorkerBoard
  mutex: LoginMutex
  close(): Promise<void>
}

/**
 * Redis where the config names one; otherwise the embedded store, for one broker alone.
 * @throws ProblemError `store_unavailable`, `login_misconfigured` for a reference that cannot be resolved.
 */
export async function openBackend(
  config: BrokerConfig,
  { resolveSecret, log }: { resolveSecret: SecretResolver; log: Log },
): Promise<Backend> {
  if (config.redis === undefined) {
    const store = openEmbeddedStore({ folder: config.data })
    return { store, mutex: createLocalMutex(), close: () => store.close() }
  }
  const url = await resolveSecret(config.redis)
  const lockUrls = config.lockRedis ? await Promise.all(config.lockRedis.map(resolveSecret)) : [url]
  const store = await connectRedisStore({ url, log })
  const locks = lockUrls.map((lockUrl) => openRedisConnection({ url: lockUrl, log }))
  const mutex = createRedlockMutex({ servers: locks })
  return {
    store,
    mutex,
    async close() {
      await mutex.close()
      await Promise.all([store.close(), ...locks.map((lock) => lock.close())])
    },
  }
}
