import { type Note, readNote } from './keep-note.ts'
import { letGo, seatHere, takeLock } from './seat.ts'

export interface Claimed {
  isActing: boolean
  /** The first of the sites that another session has, in this worker's hands or another's; then none was taken. */
  overlap: { site: string; owner: string } | null
  /** What was last put in for the session. */
  note: Note | null
}

/** Runs in the page: takes the sites for the session, all of them or none. */
export async function claimSites({
  session,
  sites,
}: {
  session: string
  sites: readonly string[]
}): Promise<Claimed> {
  const isActing = seatHere().held.has(`session ${session}`)
  // One after the other, so that of two that share several sites one gets them all.
  const overlap = isActing && (await navigator.locks.request('claim', () => takeSites(session, sites)))
  return { isActing, overlap: overlap || null, note: readNote(session) }
}

export async function takeSites(session: string, sites: readonly string[]): Promise<Claimed['overlap']> {
  const ownerLock = (site: string) => `owner ${session} ${site}`
  const fresh = sites.filter((site) => !seatHere().held.has(ownerLock(site)))
  const taken = await Promise.all(
    fresh.map(async (site) => {
      // The owner's before the site's, so that whoever finds it taken can tell by whom.
      const locks = [takeLock(ownerLock(site)), takeLock(`site ${site}`)]
      return (await Promise.all(locks))[1] === true
    }),
  )
  const site = fresh[taken.indexOf(false)]
  if (site === undefined) return null
  for (const [index, one] of fresh.entries()) {
    letGo(ownerLock(one))
    if (taken[index]) letGo(`site ${one}`)
  }
  return { site, owner: await findOwner(site, session) }
}

/** The other session that has the site. */
export async function findOwner(site: string, claimant: string): Promise<string> {
  const { held = [] } = await navigator.locks.query()
  const owners = held
    .map(({ name = '' }) => /^owner (\S+) (.+)$/.exec(name) ?? [])
    .filter(([, owner, owned]) => owned === site && owner !== claimant)
  return owners[0]?.[1] ?? 'another session'
}

export const claimFunctions = [takeSites, findOwner, readNote]
