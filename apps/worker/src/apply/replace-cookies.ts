import type { Cookie } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { CookieJar } from './chrome-cookies.ts'
import { type CookieDifferences, compareCookies } from './compare-cookies.ts'
import { isOwned, type OwnedSites } from './owned-sites.ts'

export interface CookieReplacement {
  jar: CookieJar
  wanted: readonly Cookie[]
  owned: OwnedSites
  nowSeconds: () => number
}

export interface ReplacedCookies {
  /** What Chrome held on the owned domains before. */
  before: readonly Cookie[]
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
  const { jar, wanted, owned, nowSeconds } = replacement
  const readOwned = async () => (await jar.read()).filter((cookie) => isOwned(owned, cookie))
  const before = await readOwned()
  let { foreign } = compareCookies(wanted, before, nowSeconds())
  for (let tries = 1; ; tries++) {
    await setAndRemove(jar, wanted, foreign)
    const differences = compareCookies(wanted, await readOwned(), nowSeconds())
    if (tries === 2 || isNone(differences)) return { before, differences }
    foreign = differences.foreign
  }
}

function isNone({ missing, foreign }: CookieDifferences): boolean {
  return missing.length === 0 && foreign.length === 0
}

async function setAndRemove(
  jar: CookieJar,
  wanted: readonly Cookie[],
  gone: readonly Cookie[],
): Promise<void> {
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
