import { createBell } from './bell.ts'
import { type AttachedChrome, type ChromePort, StoodDown } from './ports/chrome.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'

/** The connection to one Chrome, through its restarts. */
export interface ChromeLine extends Pick<ChromePort, 'address' | 'workerId'> {
  /** Waits until a Chrome is there. Rejects only with the signal's reason. */
  attached(signal: AbortSignal): Promise<AttachedChrome>
  /** Connects, and again whenever Chrome is back, until the signal is aborted; then detaches. */
  hold(signal: AbortSignal): Promise<void>
}

export interface ChromeLineDependencies {
  chrome: ChromePort
  clock: Clock
  log: Log
  /** A Chrome is there, or there again. */
  onAttached?: () => void
}

export function createChromeLine({ chrome, clock, log, onAttached }: ChromeLineDependencies): ChromeLine {
  const { address, workerId } = chrome
  const arrival = createBell()
  let attached: AttachedChrome | undefined

  async function hold(signal: AbortSignal): Promise<void> {
    let times = 0
    while (!signal.aborted) {
      const here = await connect(signal)
      if (!here) return
      log.info({ chrome: here.product, worker: workerId }, times === 0 ? 'chrome attached' : 'chrome back')
      times += 1
      attached = here
      onAttached?.()
      arrival.ring()
      await untilAborted(AbortSignal.any([here.gone, signal]))
      attached = undefined
      if (signal.aborted) await here.detach()
      else log.warn({ chrome: here.product, worker: workerId, ...why(here) }, 'chrome gone')
    }
  }

  /** A Chrome that restarts is there again within a second or two, and asking costs little: the pauses stay short. */
  async function connect(signal: AbortSignal): Promise<AttachedChrome | undefined> {
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        return await chrome.connect(signal)
      } catch (error) {
        if (signal.aborted) return undefined
        if (tries === 0) log.warn({ chrome: address, worker: workerId, error }, 'chrome not there')
        await clock.wait(250 + 250 * clock.random(), signal)
      }
    }
    return undefined
  }

  async function waitAttached(signal: AbortSignal): Promise<AttachedChrome> {
    for (;;) {
      signal.throwIfAborted()
      const heard = arrival.rings()
      if (attached && !attached.gone.aborted) return attached
      await arrival.rungSince(heard, signal)
    }
  }

  return {
    address,
    workerId,
    attached: waitAttached,
    hold,
  }
}

function why({ gone: { reason } }: AttachedChrome): { reason?: string } {
  return reason instanceof StoodDown ? { reason: reason.message } : {}
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
