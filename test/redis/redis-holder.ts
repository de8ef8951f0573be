import { startRedis } from '@session-broker/demo/redis'

// Starts a Redis, tells where, and stays.
const { url, dir } = await startRedis()
console.log(JSON.stringify({ url, dir }))
setInterval(() => undefined, 1_000)
