import { CdpError } from './cdp-error.ts'
import type { CdpSession } from './cdp-session.ts'
import type { ChromeConnection } from './connect-to-chrome.ts'
import { findDefaultContext } from './default-context.ts'

/** A page of whichever context, as long as it is open. */
export interface FollowedPage extends CdpSession {
  readonly browserContextId: string | undefined
  /** Of the default context: a tab. */
  readonly isDefault: boolean
  /** Its first request is on its way, or gone, already. */
  readonly isUnderWay: boolean
}

/**
 * Called with each page. It has sent its commands when it returns, and sees to their failures itself; a new page makes no
 * request before the promise that it may return, and that never rejects, is settled.
 */
export type PreparePage = (page: FollowedPage) => Promise<void> | undefined

/** By target id, as they come and go. */
export type FollowedPages = ReadonlyMap<string, FollowedPage>

interface Follower {
  pages: FollowedPages
  preparers: Set<PreparePage>
}

const attachMs = 2_000
const followers = new WeakMap<ChromeConnection, Promise<Follower>>()

/**
 * Calls `prepare` with every page of this Chrome: those that are open, and until the connection ends each that opens. Hidden
 * pages are left out. However many follow, Chrome is attached to once.
 */
export async function followPages(
  chrome: ChromeConnection,
  prepare: PreparePage,
  signal?: AbortSignal,
): Promise<FollowedPages> {
  const present = followers.get(chrome)
  if (present) {
    const { pages, preparers } = await present
    preparers.add(prepare)
    for (const page of pages.values()) void prepare(page)
    return pages
  }
  const starting = follow(chrome, prepare, signal)
  followers.set(chrome, starting)
  try {
    return (await starting).pages
  } catch (error) {
    followers.delete(chrome)
    throw error
  }
}

async function follow(
  chrome: ChromeConnection,
  prepare: PreparePage,
  signal: AbortSignal | undefined,
): Promise<Follower> {
  const isDefault = await findDefaultContext(chrome, signal)
  // A session of its own: what others here attach to by themselves is not taken for a page that has opened.
  const { sessionId: ownSession } = await chrome.send('Target.attachToBrowserTarget', undefined, {
    timeoutMs: attachMs,
  })
  const browser = chrome.inSession(ownSession)
  const pages = new Map<string, FollowedPage>()
  const preparers = new Set([prepare])
  browser.on('Target.attachedToTarget', ({ sessionId, targetInfo, waitingForDebugger }) => {
    const session = chrome.inSession(sessionId)
    const { targetId, browserContextId } = targetInfo
    const page = {
      ...session,
      browserContextId,
      isDefault: isDefault(browserContextId),
      isUnderWay: !waitingForDebugger,
    }
    pages.set(targetId, page)
    const goOn = () => {
      if (waitingForDebugger) session.send('Runtime.runIfWaitingForDebugger').catch(ofCdp)
    }
    const awaited = [...preparers].map((one) => one(page)).filter((one) => one !== undefined)
    if (awaited.length === 0) goOn()
    else void Promise.all(awaited).then(goOn)
  })
  browser.on('Target.detachedFromTarget', ({ targetId }) => void pages.delete(targetId ?? ''))
  try {
    const params = {
      autoAttach: true,
      waitForDebuggerOnStart: true,
      flatten: true,
      filter: [{ type: 'page' }],
    }
    await browser.send('Target.setAutoAttach', params, { timeoutMs: attachMs, signal })
  } catch (error) {
    // All that it has attached to goes with it.
    chrome.send('Target.detachFromTarget', { sessionId: ownSession }).catch(ofCdp)
    throw error
  }
  return { pages, preparers }
}

/** The page has closed meanwhile. */
function ofCdp(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
