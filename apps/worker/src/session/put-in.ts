import { type IssuedSession, isNewer } from '@session-broker/shared'
import { sitesOf } from './claim-sites.ts'
import { type Here, type Keep, leadOf } from './here.ts'
import type { Applied, ApplyOrder } from './ports/chrome.ts'

/** A state, and onto what it is merged. */
type PutIn = Pick<ApplyOrder, 'state' | 'base' | 'seen'>

/** Puts a state in, where nothing that this worker or another one has put in stands against it. */
export async function putIn(keep: Keep, here: Here, order: PutIn): Promise<Applied> {
  const { held, claims } = keep
  const { state } = order
  const overlap = claims.claim(held.session, state)
  if (overlap) return refused(takenBy(overlap))
  try {
    return await here.chrome.apply({
      ...order,
      mayBegin: () => claimChrome(keep, here, state),
      beforeSwap: async () => (await leadOf(here)).confirm(state),
      signal: here.signal,
    })
  } catch (error) {
    if (error instanceof Refusal) return refused(error.message)
    throw error
  }
}

class Refusal extends Error {}

/** This worker may lag behind the one that acted before it: what is newer stays, and the broker is asked for it. */
async function claimChrome({ held }: Keep, here: Here, state: IssuedSession): Promise<void> {
  const lead = await leadOf(here)
  const { overlap, last } = await lead.claim([...sitesOf(state)])
  if (overlap) throw new Refusal(takenBy(overlap))
  // Where each is newer than the other, the store began anew.
  if (!last || isNewer(state, last) || !isNewer(last, state)) return
  held.hear(last)
  throw new Refusal(`this Chrome was given generation ${last.generation}.${last.revision}, which is newer`)
}

function takenBy({ site, owner }: { site: string; owner: string }): string {
  return `the session ${owner} has ${site} in this Chrome already`
}

function refused(detail: string): Applied {
  return { outcome: 'refused', applyMs: 0, userAgentDiffers: false, detail }
}
