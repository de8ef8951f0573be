import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { HiddenPage, PageFunction } from '../cdp/hidden-page.ts'
import { runInPage } from '../cdp/hidden-page.ts'
import { openOwnPage } from '../cdp/own-origin.ts'
import { answerAsked, type SeatEvent, seatFunctions, takeSeat } from './in-page/seat.ts'

/** This worker's page among those of all workers with this Chrome. */
export interface Seat {
  /** Runs in the page, bounded in time. */
  run<Argument, Result>(
    script: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    alongside?: readonly PageFunction[],
  ): Promise<Result>
  /** Called when the session's turn has come. */
  onTurn(listener: (session: string) => void): () => void
}

const runMs = 5_000

/** Opens the page. @param onOver called when it is no more, or has given away what its worker did not answer for */
export async function openSeat(
  chrome: ChromeConnection,
  { workerId, onOver }: { workerId: string; onOver: (reason: string) => void },
): Promise<Seat> {
  const page = await openOwnPage(chrome)
  const listeners = new Set<(session: string) => void>()
  const run: Seat['run'] = (script, argument, alongside = []) =>
    runInPage(page, script, argument, { timeoutMs: runMs, alongside: [...seatFunctions, ...alongside] })
  page.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name !== 'tellWorker') return
    const event = JSON.parse(payload) as SeatEvent
    // Where it can't be answered any more, the page is over.
    if ('asked' in event) run(answerAsked, undefined).catch(unlessCdp)
    if ('over' in event) onOver('it did not answer for seconds, and another one acts')
    if ('turn' in event) for (const listener of [...listeners]) listener(event.turn)
  })
  watchEnd(chrome, page, onOver)
  await Promise.all([
    page.send('Runtime.addBinding', { name: 'tellWorker' }),
    page.send('Inspector.enable'),
    page.send('Page.enable'),
    // Chrome takes the commands of one page in their order.
    run(takeSeat, workerId),
  ])
  return {
    run,
    onTurn(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** It was closed, has crashed, or somebody has led it elsewhere. */
function watchEnd(chrome: ChromeConnection, page: HiddenPage, onOver: (reason: string) => void): void {
  const end = () => onOver('its hidden page in Chrome has ended')
  chrome.on('Target.detachedFromTarget', ({ targetId }) => {
    if (targetId === page.targetId) end()
  })
  page.on('Inspector.targetCrashed', end)
  page.on('Page.frameNavigated', end)
}

function unlessCdp(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
