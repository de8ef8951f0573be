export { type LocalRedis, type RedisOptions, startRedis } from './start-redis.ts'
