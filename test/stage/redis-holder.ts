import { startRedis } from '@session-broker/stage/redis'

// Starts a Redis, tells where, and stays.
const { url, dir } = await startRedis()
console.log(JSON.stringify({ url, dir }))
setInterval(() => undefined, 1_000)
