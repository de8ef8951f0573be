import { CdpError } from '../cdp/cdp-error.ts'
import { type Lead, type LeadOrder, StoodDown } from '../session/ports/chrome.ts'
import type { Turns } from './take-turns.ts'

export interface SessionOrder extends LeadOrder {
  session: string
  workerId: string
  /** Ends this worker's connection to Chrome. */
  standDown(reason: string): void
}

/** Waits for the session's turn. Rejects when the signal is aborted, and then waits no more. */
export async function leadSession(turns: Turns, order: SessionOrder): Promise<Lead> {
  const { session, workerId, signal, onStandBy, standDown } = order
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
  return {
    async confirm() {
      if (await turns.isMine(session)) return
      const reason = 'it did not answer for seconds, and another one acts'
      standDown(reason)
      throw new StoodDown(reason)
    },
    claim: (sites) => turns.claim(session, sites),
    leave,
  }
}

/** What is held in Chrome ends with the connection all the same. */
function withChrome(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
