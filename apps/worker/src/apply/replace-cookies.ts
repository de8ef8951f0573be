import { type Cookie, cookieIdentity, isSameCookie } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { CookieJar } from './chrome-cookies.ts'
import { type CookieDifferences, compareCookies } from './compare-cookies.ts'
import { isOwned, type OwnedSites } from './owned-sites.ts'

export interface CookieReplacement {
  jar: CookieJar
  wanted: readonly Cookie[]
  /** Says what is wanted instead, by what Chrome holds: then what the site changes meanwhile is left alone. */
  merge?: ((held: readonly Cookie[]) => readonly Cookie[]) | undefined
  owned: OwnedSites
  nowSeconds: () => number
}

export interface ReplacedCookies {
  /** What Chrome held on the owned domains before. */
  before: readonly Cookie[]
  /** What was put in. */
  wanted: readonly Cookie[]
  /** What is still not as it has to be, after a second try. */
  differences: CookieDifferences
}

/** In the past for every clock: setting it removes the cookie. */
const expired = 1

/**
 * Makes the cookies of the owned domains exactly the wanted ones, in one `Storage.setCookies`: what is gone from the
 * state goes in the same call, as expired. Reads back and compares; what an answer on its way has changed meanwhile
 * is set once more.
 */
export async function replaceCookies(replacement: CookieReplacement): Promise<ReplacedCookies> {
  const { jar, merge, owned, nowSeconds } = replacement
  const readOwned = async () => (await jar.read()).filter((cookie) => isOwned(owned, cookie))
  const before = await readOwned()
  const wanted = merge ? merge(before) : replacement.wanted
  let { foreign, missing } = compareCookies(wanted, before, nowSeconds())
  for (let tries = 1; ; tries++) {
    await setAndRemove(jar, merge ? missing : wanted, foreign)
    const held = await readOwned()
    const found = compareCookies(wanted, held, nowSeconds())
    const differences = merge ? stillAsBefore(found, { before, held, nowSeconds: nowSeconds() }) : found
    if (tries === 2 || isNone(differences)) return { before, wanted, differences }
    foreign = differences.foreign
    missing = differences.missing
  }
}

/** Of the differences those that are the former cookies; any other is the site's own doing. */
function stillAsBefore(
  { missing, foreign }: CookieDifferences,
  { before, held, nowSeconds }: { before: readonly Cookie[]; held: readonly Cookie[]; nowSeconds: number },
): CookieDifferences {
  const [was, is] = [before, held].map((cookies) => new Map(cookies.map((one) => [cookieIdentity(one), one])))
  const isUnchanged = (cookie: Cookie) => {
    const [former, now] = [was?.get(cookieIdentity(cookie)), is?.get(cookieIdentity(cookie))]
    return former && now ? isSameCookie(former, now, nowSeconds) : former === now
  }
  return { missing: missing.filter(isUnchanged), foreign: foreign.filter(isUnchanged) }
}

function isNone({ missing, foreign }: CookieDifferences): boolean {
  return missing.length === 0 && foreign.length === 0
}

async function setAndRemove(
  jar: CookieJar,
  wanted: readonly Cookie[],
  gone: readonly Cookie[],
): Promise<void> {
  if (wanted.length + gone.length === 0) return
  const removals = gone.map((cookie) => ({ ...cookie, expires: expired }))
  try {
    await jar.set([...removals, ...wanted])
  } catch (error) {
    if (!isRefused(error)) throw error
    // The wanted ones were validated; a site's own cookie can be one that Chrome reads and would not write.
    await jar.set(wanted)
    await Promise.all(removals.map((removal) => jar.set([removal]).catch(unlessRefused)))
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof CdpError && error.code === 'command_refused'
}

function unlessRefused(error: unknown): void {
  if (!isRefused(error)) throw error
}
