import { setTimeout as sleep } from 'node:timers/promises'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { type Claimed, claimFunctions, claimSites } from './in-page/claim-sites.ts'
import { confirmTurn, type Note } from './in-page/keep-note.ts'
import { askThoseWhoAct } from './in-page/seat.ts'
import { leaveTurn, type Queued, takeTurn, turnFunctions } from './in-page/take-turn.ts'
import { openSeat, type Seat } from './open-seat.ts'

/** Who acts for a session, among the workers that are connected to one Chrome. Chrome itself decides. */
export interface Turns {
  /** Resolves when it is this worker's turn; rejects with the signal's reason. */
  take(session: string, order: { signal: AbortSignal; onQueued(queued: Queued): void }): Promise<void>
  /**
   * Whether it still is, by an answer that is not older than what it takes to be taken for halted.
   * @param note what is about to go in
   */
  confirm(session: string, note?: Note | null): Promise<boolean>
  claim(session: string, sites: readonly string[]): Promise<Claimed>
  leave(session: string): Promise<void>
}

const askEveryMs = 1_000
/** Those who ask give a worker five seconds. */
const freshMs = 2_000

/** @param onOver called when this worker acts for nothing any more: its page is gone, or others have stood in */
export function createTurns(
  chrome: ChromeConnection,
  { workerId, onOver }: { workerId: string; onOver: (reason: string) => void },
): Turns {
  let opening: Promise<Seat> | undefined
  function seat(): Promise<Seat> {
    opening ??= openSeat(chrome, { workerId, onOver }).catch((error) => {
      opening = undefined
      throw error
    })
    return opening
  }

  return {
    async take(session, { signal, onQueued }) {
      const { run, onTurn } = await seat()
      const come = Promise.withResolvers<void>()
      const stop = onTurn((turn) => turn === session && come.resolve())
      const over = new AbortController()
      try {
        const queued = await run(takeTurn, { session, workerId }, turnFunctions)
        if (!queued) return
        signal.throwIfAborted()
        onQueued(queued)
        const asking = keepAsking(run, AbortSignal.any([signal, over.signal]))
        await Promise.race([come.promise, asking])
      } finally {
        over.abort()
        stop()
      }
    },
    async confirm(session, note = null) {
      const { run } = await seat()
      for (let tries = 0; tries < 3; tries++) {
        const askedAt = performance.now()
        const isMine = await run(confirmTurn, { session, note }).catch(notInPage)
        if (!isMine || performance.now() - askedAt < freshMs) return isMine
      }
      throw new CdpError('command_timeout', 'Chrome is too slow to tell in time whether this worker acts')
    },
    async claim(session, sites) {
      const { run } = await seat()
      return run(claimSites, { session, sites }, claimFunctions)
    },
    async leave(session) {
      const { run } = await seat()
      await run(leaveTurn, session, turnFunctions)
    },
  }
}

/** While another one acts, it is asked whether it is there. Ends by a rejection only. */
async function keepAsking(run: Seat['run'], signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(askEveryMs, undefined, { signal })
    await run(askThoseWhoAct, undefined).catch(unlessSlow)
  }
}

/** The page is gone, or shows something else. */
function notInPage(error: unknown): false {
  if (error instanceof CdpError && error.code === 'command_refused') return false
  throw error
}

/** Chrome or the machine is busy: it is asked again. */
function unlessSlow(error: unknown): void {
  if (!(error instanceof CdpError) || error.code !== 'command_timeout') throw error
}
