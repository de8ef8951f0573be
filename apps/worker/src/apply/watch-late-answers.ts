import { setTimeout as sleep } from 'node:timers/promises'
import { type Cookie, cookieIdentity } from '@session-broker/shared'
import type { CookieJar } from './chrome-cookies.ts'

export interface LateAnswers {
  jar: CookieJar
  wanted: readonly Cookie[]
  /** What Chrome held before the apply. */
  before: readonly Cookie[]
  nowSeconds: () => number
  /** When to look, in ms after the apply. */
  looksMs: readonly number[]
  signal: AbortSignal
}

/**
 * Looks for what an answer to a request from before the apply has undone: a cookie of the new state that is gone again
 * (a site that finds an old session dead deletes its cookie), or has its former value back. A value that is new to
 * us is the site's own rotation of the new session, and is left alone: presenting the older one could end it.
 *
 * @returns whether there was one, by the last look
 */
export async function watchLateAnswers(watch: LateAnswers): Promise<boolean> {
  const former = new Map(watch.before.map((cookie) => [cookieIdentity(cookie), cookie.value]))
  const start = performance.now()
  for (const lookMs of watch.looksMs) {
    await sleep(Math.max(0, start + lookMs - performance.now()), undefined, {
      signal: watch.signal,
      ref: false,
    })
    const held = new Map((await watch.jar.read()).map((cookie) => [cookieIdentity(cookie), cookie.value]))
    const undone = (cookie: Cookie) => {
      const value = held.get(cookieIdentity(cookie))
      return value === undefined || (value !== cookie.value && value === former.get(cookieIdentity(cookie)))
    }
    // One that has expired by itself is not wanted any more.
    const now = watch.nowSeconds()
    if (watch.wanted.some((cookie) => (cookie.expires < 0 || cookie.expires > now) && undone(cookie)))
      return true
  }
  return false
}
