import { ProblemError } from '@session-broker/shared'
import { openEmbeddedStore } from '../backend/embedded/embedded-store.ts'
import type { RedisTarget } from '../backend/redis/address.ts'
import { openRedisConnection } from '../backend/redis/connect.ts'
import { connectRedisStore } from '../backend/redis/redis-store.ts'
import type { BrokerConfig } from '../config/load-config.ts'
import { RedisUrlError, readRedisUrl } from '../config/read-redis-url.ts'
import type { SecretResolver } from '../config/resolve-secret.ts'
import { readReference, showReference } from '../config/secret-reference.ts'
import { createLocalMutex } from '../mutex/local-mutex.ts'
import { createRedlockMutex } from '../mutex/redlock-mutex.ts'
import type { ChallengeBoard } from '../session/ports/challenge-board.ts'
import type { Log } from '../session/ports/log.ts'
import type { LoginMutex } from '../session/ports/login-mutex.ts'
import type { SessionStore } from '../session/ports/session-store.ts'
import type { WorkerBoard } from '../session/ports/worker-board.ts'
import type { WriterBoard } from '../session/ports/writer-board.ts'

export interface Backend {
  store: SessionStore & WorkerBoard & WriterBoard & ChallengeBoard
  mutex: LoginMutex
  /** Where its Redis servers are, as far as the configuration names them. */
  servers: readonly { host: string; port: number }[]
  close(): Promise<void>
}

/** Well below the lock's own time, so that a server that hangs does not cost it. */
const lockAnswerMs = 1_000

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
    return { store, mutex: createLocalMutex(), servers: [], close: () => store.close() }
  }
  const findRedis = (url: string) => targetOf(url, resolveSecret)
  const target = await findRedis(config.redis)
  const lockTargets = config.lockRedis ? await Promise.all(config.lockRedis.map(findRedis)) : [target]
  await using opened = new AsyncDisposableStack()
  const store = opened.adopt(await connectRedisStore({ target, log }), (each) => each.close())
  const servers = lockTargets.map((each) =>
    openRedisConnection({ target: each, log, commandTimeoutMs: lockAnswerMs }),
  )
  for (const server of servers) opened.defer(() => server.close())
  const mutex = opened.adopt(createRedlockMutex({ servers }), (each) => each.close())
  const all = opened.move()
  const hosts = [target, ...lockTargets].flatMap((each) => each.hosts)
  return { store, mutex, servers: hosts, close: () => all.disposeAsync() }
}

/** What a reference leads to was not seen when the config was checked. */
async function targetOf(url: string, resolveSecret: SecretResolver): Promise<RedisTarget> {
  const text = await resolveSecret(url)
  try {
    return readRedisUrl(text)
  } catch (error) {
    const reference = readReference(url)
    if (!(error instanceof RedisUrlError && reference)) throw error
    throw new ProblemError(
      'store_unavailable',
      `${showReference(reference)} gives no Redis address: it ${error.message}`,
    )
  }
}
