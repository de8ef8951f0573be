import { z } from 'zod'
import { RedisUrlError, readRedisUrl } from './read-redis-url.ts'
import { isReference, referenceMistake } from './secret-reference.ts'

/** Where Redis is: its URL, or a reference to one. A URL with a password in it is a secret. */
export const redisUrlSchema = z.string().superRefine((text, context) => {
  const message = isReference(text) ? referenceMistake(text) : (urlMistake(text) ?? secretMistake(text))
  if (message) context.addIssue({ code: 'custom', message })
})

/** What is wrong with a Redis URL, fit to be shown. */
export function urlMistake(text: string): string | undefined {
  try {
    readRedisUrl(text)
    return undefined
  } catch (error) {
    if (error instanceof RedisUrlError) return error.message
    throw error
  }
}

function secretMistake(text: string): string | undefined {
  const target = readRedisUrl(text)
  const hasSecret = target.password || (target.kind === 'sentinel' && target.sentinelPassword)
  return hasSecret
    ? 'wants no password here: keep the whole URL outside this file and write a reference, such as env:REDIS_URL'
    : undefined
}
