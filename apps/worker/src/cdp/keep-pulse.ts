import { setTimeout as sleep } from 'node:timers/promises'
import { CdpError } from './cdp-error.ts'
import type { CdpSession } from './cdp-session.ts'

export interface PulseOptions {
  /** Between an answer and the next question. */
  everyMs: number
  /** How long an answer may take. Chrome's own process answers at once, however busy its pages are. */
  withinMs: number
}

/**
 * Asks Chrome again and again whether it is there, until the connection has ended: a Chrome that was stopped, or a network that was
 * cut in silence, closes nothing by itself.
 *
 * @returns when the connection has ended, or Chrome has not answered in time. Never rejects
 */
export async function keepPulse(
  browser: CdpSession,
  { closed, everyMs, withinMs }: PulseOptions & { closed: Promise<void> },
): Promise<void> {
  const end = new AbortController()
  closed.then(() => end.abort())
  while (!end.signal.aborted) {
    await sleep(everyMs, undefined, { signal: end.signal, ref: false }).catch(() => undefined)
    if (end.signal.aborted) return
    try {
      await browser.send('Browser.getVersion', undefined, { timeoutMs: withinMs })
    } catch (error) {
      if (error instanceof CdpError && error.code === 'command_refused') continue
      return
    }
  }
}
