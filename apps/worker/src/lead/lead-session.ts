import type { Version } from '@session-broker/shared'
import { type OwnedSites, ownedSites } from '../apply/owned-sites.ts'
import { CdpError } from '../cdp/cdp-error.ts'
import { type Lead, type LeadOrder, StoodDown } from '../session/ports/chrome.ts'
import type { Turns } from './take-turns.ts'

export interface SessionOrder extends LeadOrder {
  session: string
  workerId: string
  /** What each session occupies in this Chrome, as far as this worker knows. */
  owned: Map<string, OwnedSites>
  /** Ends this worker's connection to Chrome. */
  standDown(reason: string): void
}

/** Waits for the session's turn. Rejects when the signal is aborted, and then waits no more. */
export async function leadSession(turns: Turns, order: SessionOrder): Promise<Lead> {
  const { session, workerId, signal, onStandBy } = order
  const leave = () => turns.leave(session).catch(withChrome)
  try {
    await turns.take(session, {
      signal,
      onQueued: ({ acting, place }) =>
        onStandBy({
          workerId: place === 1 ? workerId : `${workerId}-${place}`,
          ...(acting !== null && { acting }),
        }),
    })
  } catch (error) {
    await leave()
    throw error
  }
  return { ...actFor(turns, order), leave }
}

function actFor(turns: Turns, { session, owned, standDown }: SessionOrder): Pick<Lead, 'claim' | 'confirm'> {
  function unlessOver(isActing: boolean): void {
    if (isActing) return
    const reason = 'it did not answer for seconds, and another one acts'
    standDown(reason)
    throw new StoodDown(reason)
  }
  return {
    async claim(sites) {
      const { isActing, overlap, note } = await turns.claim(session, sites)
      unlessOver(isActing)
      if (note && !owned.has(session)) owned.set(session, note)
      return { ...(overlap && { overlap }), ...(note && { last: note }) }
    },
    async confirm(goesIn) {
      const note = goesIn && { ...versionOf(goesIn), ...ownedSites(goesIn, owned.get(session)) }
      unlessOver(await turns.confirm(session, note))
    },
  }
}

function versionOf({ generation, revision, obtainedAt }: Version): Version {
  return { generation, revision, obtainedAt }
}

/** What is held in Chrome ends with the connection all the same. */
function withChrome(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
