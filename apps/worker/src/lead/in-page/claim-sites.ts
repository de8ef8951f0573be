import { letGo, seatHere, takeLock } from './seat.ts'

/**
 * Runs in the page: takes the sites for the session, all of them or none.
 * @returns the first that another session has, in this worker's hands or another's
 */
export async function claimSites({
  session,
  sites,
}: {
  session: string
  sites: readonly string[]
}): Promise<{ site: string; owner: string } | null> {
  const { held } = seatHere()
  const ownerLock = (site: string) => `owner ${session} ${site}`
  const taken: string[] = []
  // In one order for all: of two that share several sites, one gets them.
  for (const site of [...sites].sort()) {
    if (held.has(ownerLock(site))) continue
    // Before the site itself, so that whoever finds it taken can tell by whom.
    taken.push(ownerLock(site))
    await takeLock(ownerLock(site))
    if (await takeLock(`site ${site}`)) {
      taken.push(`site ${site}`)
      continue
    }
    for (const name of taken) letGo(name)
    return { site, owner: await findOwner(site, session) }
  }
  return null
}

/** The other session that has the site. */
export async function findOwner(site: string, claimant: string): Promise<string> {
  const { held = [] } = await navigator.locks.query()
  const owners = held
    .map(({ name = '' }) => /^owner (\S+) (.+)$/.exec(name) ?? [])
    .filter(([, owner, owned]) => owned === site && owner !== claimant)
  return owners[0]?.[1] ?? 'another session'
}

export const claimFunctions = [findOwner]
