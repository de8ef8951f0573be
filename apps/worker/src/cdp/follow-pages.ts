import { CdpError } from './cdp-error.ts'
import type { CdpSession } from './cdp-session.ts'
import type { ChromeConnection } from './connect-to-chrome.ts'
import { findDefaultContext } from './default-context.ts'

const attachMs = 2_000

/**
 * Attaches to every page of the default context, to those that are open and, until the connection ends, to each that opens; a new one
 * waits until what `prepare` has sent is done.
 *
 * @param prepare has sent its commands when it returns; its failure is about that page alone
 * @returns the pages that are there, by target id, as they come and go
 */
export async function followPages(
  chrome: ChromeConnection,
  prepare: (page: CdpSession) => Promise<unknown>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, CdpSession>> {
  const isDefault = await findDefaultContext(chrome, signal)
  const pages = new Map<string, CdpSession>()
  const targetIds = new Map<string, string>()
  const stops = [
    chrome.on('Target.attachedToTarget', ({ sessionId, targetInfo, waitingForDebugger }) => {
      const page = chrome.inSession(sessionId)
      const { type, targetId, browserContextId } = targetInfo
      // Of a page that somebody here attaches to as well, the first session is followed.
      if (type === 'page' && isDefault(browserContextId) && !pages.has(targetId)) {
        pages.set(targetId, page)
        targetIds.set(sessionId, targetId)
        prepare(page).catch(ofCdp)
      }
      if (waitingForDebugger) page.send('Runtime.runIfWaitingForDebugger').catch(ofCdp)
    }),
    chrome.on('Target.detachedFromTarget', ({ sessionId }) => {
      pages.delete(targetIds.get(sessionId) ?? '')
      targetIds.delete(sessionId)
    }),
  ]
  const autoAttach = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }
  try {
    const params = { ...autoAttach, filter: [{ type: 'page' }] }
    await chrome.send('Target.setAutoAttach', params, { timeoutMs: attachMs, signal })
  } catch (error) {
    for (const stop of stops) stop()
    const nothing = { ...autoAttach, autoAttach: false, waitForDebuggerOnStart: false }
    chrome.send('Target.setAutoAttach', nothing).catch(ofCdp)
    throw error
  }
  return pages
}

/** The page has closed meanwhile. */
function ofCdp(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
