import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Cookie,
  cookieIdentity,
  type IssuedSession,
  isSameCookie,
  saysSame,
} from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { cookieJar } from './chrome-cookies.ts'
import { cookiesToSet } from './cookies-to-set.ts'
import { isOwned, type OwnedSites } from './owned-sites.ts'

export interface HeldRequest {
  /** What was put in. */
  state: Pick<IssuedSession, 'cookies'>
  owned: OwnedSites
  signal?: AbortSignal | undefined
  /** ms since 1970 */
  now?: () => number
}

export interface HeldCookies {
  cookies: Cookie[]
  /** The names of those that are no longer as the state has them. */
  changed: string[]
}

/** A page that loads is given its cookies by several answers: they are read when they stand still, or after this many times. */
const mostReads = 5
const stillMs = 200
/** An end that has moved by less than this part of the time left is no news: sliding sessions move it with each answer. */
const movedPart = 0.1

/** What Chrome's default context holds on a session's domains, and what of it has changed since the state was put in. */
export async function readHeld(chrome: ChromeConnection, request: HeldRequest): Promise<HeldCookies> {
  const { state, owned, signal, now = Date.now } = request
  const jar = cookieJar(chrome, { signal })
  const read = async () => (await jar.read()).filter((cookie) => isOwned(owned, cookie))
  const nowSeconds = now() / 1_000
  const given = cookiesToSet(state.cookies, nowSeconds)
  let cookies = await read()
  for (let reads = 1; reads < mostReads; reads++) {
    if (changedSince(given, cookies, nowSeconds).length === 0) break
    await sleep(stillMs, undefined, { signal, ref: false })
    const before = cookies
    cookies = await read()
    if (JSON.stringify(before) === JSON.stringify(cookies)) break
  }
  return { cookies, changed: changedSince(given, cookies, nowSeconds) }
}

function changedSince(given: readonly Cookie[], held: readonly Cookie[], nowSeconds: number): string[] {
  const there = new Map(held.map((cookie) => [cookieIdentity(cookie), cookie]))
  const known = new Set(given.map(cookieIdentity))
  const isStill = (cookie: Cookie) => {
    const now = there.get(cookieIdentity(cookie))
    return now !== undefined && saysSame(cookie, now) && !hasMoved(cookie, now, nowSeconds)
  }
  return [
    ...given.filter((cookie) => !isStill(cookie)),
    ...held.filter((cookie) => !known.has(cookieIdentity(cookie))),
  ].map(({ name }) => name)
}

function hasMoved(given: Cookie, held: Cookie, nowSeconds: number): boolean {
  if (isSameCookie(given, held, nowSeconds)) return false
  if (given.expires < 0 || held.expires < 0) return true
  return Math.abs(held.expires - given.expires) > movedPart * (given.expires - nowSeconds)
}
