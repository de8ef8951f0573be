/** A process of its own: holds an account, and says how long it believes to when it is asked. */
import { openRedisConnection } from '../../../apps/broker/src/backend/redis/connect.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { createRedlockMutex } from '../../../apps/broker/src/mutex/redlock-mutex.ts'

const [, , url = '', account = '', ttlMs = ''] = process.argv
const connection = openRedisConnection({ target: readRedisUrl(url) })
await connection.connected(2_000)
const lease = await createRedlockMutex({ servers: [connection], ttlMs: Number(ttlMs) }).tryAcquire(account)
const say = () => process.send?.({ validForMs: lease?.validForMs() })
process.on('message', say)
say()
