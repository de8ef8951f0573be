import { type Cookie, cookieFault, cookieIdentity } from '@session-broker/shared'
import type { HeldCookie, OpenContext } from './open-context.ts'

export interface CookieReplacement {
  context: Pick<OpenContext, 'cookies' | 'setCookies'>
  wanted: readonly Cookie[]
  owns: (cookie: HeldCookie) => boolean
}

/** In the past for every clock: setting it removes the cookie. */
const expired = 1

/** Makes the cookies that the session owns exactly the wanted ones, in one call, and reads them back. */
export async function replaceCookies({ context, wanted, owns }: CookieReplacement): Promise<void> {
  refuseUnfit(wanted)
  const identities = new Set(wanted.map(cookieIdentity))
  const readOwned = async () => (await context.cookies()).filter(owns)
  const foreignOf = (held: HeldCookie[]) => held.filter((cookie) => !identities.has(cookieIdentity(cookie)))
  let foreign = foreignOf(await readOwned())
  for (let tries = 1; ; tries++) {
    await setAndRemove(context, wanted, foreign)
    const held = await readOwned()
    foreign = foreignOf(held)
    const missing = wanted.filter((cookie) => !held.some((each) => isSame(cookie, each)))
    if (foreign.length + missing.length === 0) return
    // Once more: an answer on its way to an older request may have set one.
    if (tries === 2)
      throw new Error(`the browser holds some cookies otherwise: ${named([...missing, ...foreign])}`)
  }
}

/** @param nowSeconds seconds since 1970 */
export function unexpired(cookies: readonly Cookie[], nowSeconds: number): Cookie[] {
  const byIdentity = new Map(cookies.map((cookie) => [cookieIdentity(cookie), cookie]))
  return [...byIdentity.values()].filter(({ expires }) => expires < 0 || expires > nowSeconds)
}

/** One that a browser refuses would make it refuse all, and not say which. */
function refuseUnfit(wanted: readonly Cookie[]): void {
  const unfit = wanted.flatMap((cookie) => {
    const fault = cookieFault(cookie)
    return fault ? [`${cookie.name} of ${cookie.domain} (${fault})`] : []
  })
  if (unfit.length > 0) throw new Error(`a browser takes no such cookies: ${unfit.join(', ')}`)
}

async function setAndRemove(
  context: CookieReplacement['context'],
  wanted: readonly Cookie[],
  foreign: readonly HeldCookie[],
): Promise<void> {
  const removals = foreign.map((cookie) => ({ ...cookie, expires: expired }))
  if (removals.length + wanted.length === 0) return
  try {
    await context.setCookies([...removals, ...wanted])
  } catch (error) {
    if (removals.length === 0) throw error
    // A site's own cookie can be one that a browser tells and would not take.
    await context.setCookies(wanted)
    await Promise.allSettled(removals.map((removal) => context.setCookies([removal])))
  }
}

function isSame(wanted: Cookie, held: HeldCookie): boolean {
  return (
    cookieIdentity(wanted) === cookieIdentity(held) &&
    wanted.value === held.value &&
    wanted.httpOnly === held.httpOnly &&
    wanted.secure === held.secure &&
    (wanted.sameSite ?? held.sameSite) === held.sameSite &&
    wanted.expires < 0 === held.expires < 0
  )
}

function named(cookies: readonly HeldCookie[]): string {
  return [...new Set(cookies.map(({ name, domain }) => `${name} of ${domain}`))].join(', ')
}
