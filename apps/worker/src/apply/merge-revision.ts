import {
  type Cookie,
  cookieIdentity,
  type IssuedSession,
  mergeCookies,
  type OriginStorage,
} from '@session-broker/shared'
import { cookiesToSet } from './cookies-to-set.ts'

type Revision = Pick<IssuedSession, 'cookies' | 'origins'> & Partial<Pick<IssuedSession, 'generation'>>

export interface RevisionMerge {
  /** What Chrome is to hold, by what it holds. */
  merge(held: readonly Cookie[]): Cookie[]
  /** Of the state's storage what differs from the base's: the rest is as the pages have made it. */
  origins: OriginStorage[]
}

/** How a revision goes into a Chrome that was given another one of the same generation, and has gone on from there. */
export function mergeRevision(
  base: Revision,
  state: Revision,
  { seen, nowSeconds }: { seen?: readonly Cookie[] | undefined; nowSeconds: () => number },
): RevisionMerge {
  const asHeld = ({ generation = Number.NaN, cookies }: Revision) => ({
    generation,
    cookies: cookiesToSet(cookies, nowSeconds()),
  })
  const storageOf = ({ origins }: Revision) =>
    new Map(origins.map((storage) => [storage.origin, JSON.stringify(storage)]))
  const before = storageOf(base)
  return {
    merge: (mine) =>
      mergeCookies({ base: asHeld(base), mine, theirs: asHeld(state), seen, nowSeconds: nowSeconds() }),
    origins: state.origins.filter((storage) => before.get(storage.origin) !== JSON.stringify(storage)),
  }
}

/**
 * What is wanted once a late answer has undone a part of it: what has its former value again, or is gone, as it was put in; what has
 * another one is the site's latest word.
 */
export function repairUndone(
  { before, wanted }: { before: readonly Cookie[]; wanted: readonly Cookie[] },
  held: readonly Cookie[],
): Cookie[] {
  const values = (cookies: readonly Cookie[]) =>
    new Map(cookies.map((cookie) => [cookieIdentity(cookie), cookie.value]))
  const [former, put] = [values(before), values(wanted)]
  const there = new Set(held.map(cookieIdentity))
  const isBack = (cookie: Cookie) => {
    const identity = cookieIdentity(cookie)
    return cookie.value === former.get(identity) && cookie.value !== put.get(identity)
  }
  const undone = new Set(held.filter(isBack).map(cookieIdentity))
  return [
    ...held.filter((cookie) => !undone.has(cookieIdentity(cookie))),
    ...wanted.filter((cookie) => undone.has(cookieIdentity(cookie)) || !there.has(cookieIdentity(cookie))),
  ]
}
