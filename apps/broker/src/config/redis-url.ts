import { z } from 'zod'
import { isReference, referenceMistake } from './secret-reference.ts'

/** A Redis server: its URL, or a reference to one. A URL with a password in it is a secret. */
export const redisUrlSchema = z.string().superRefine((text, context) => {
  const message = isReference(text) ? referenceMistake(text) : urlMistake(text)
  if (message) context.addIssue({ code: 'custom', message })
})

function urlMistake(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    return 'wants a Redis URL, such as redis://127.0.0.1:6379, or a reference to one'
  }
  return url.password === ''
    ? undefined
    : 'wants no password here: keep the whole URL outside this file and write a reference, such as env:REDIS_URL'
}
