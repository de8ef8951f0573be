import type { IssuedSession } from '@session-broker/shared'
import { CookieJar } from 'tough-cookie'
import { type FollowedSession, type FollowOptions, followSession } from '../follow/follow-session.ts'
import { ExactStore } from './exact-store.ts'
import { bare, toJarCookies } from './to-jar-cookies.ts'

export type SessionJarOptions = Omit<FollowOptions, 'onState'>

export interface SessionJar extends FollowedSession {
  /** For got, fetch-cookie, axios-cookiejar-support and others; the same jar through all generations. */
  readonly jar: CookieJar
}

/**
 * A tough-cookie jar with exactly the session’s cookies, which follows new generations until it is closed: the cookies of
 * the session’s domains are then replaced in one step, those of other sites stay. What answers set meanwhile stays as well, until then.
 */
export async function createSessionJar(options: SessionJarOptions): Promise<SessionJar> {
  const store = new ExactStore()
  // Loose, as browsers are: a cookie may have no name.
  const jar = new CookieJar(store, { looseMode: true })
  let former: IssuedSession | undefined
  const followed = await followSession({
    ...options,
    onState(state) {
      const owned = new Set([...(former?.cookies ?? []), ...state.cookies].map(({ domain }) => bare(domain)))
      const others = store.all().filter(({ domain }) => domain !== null && !owned.has(domain))
      store.replaceAll([...others, ...toJarCookies(state.cookies)])
      former = state
    },
  })
  return { ...followed, jar }
}
