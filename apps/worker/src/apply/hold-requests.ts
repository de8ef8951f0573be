import { CdpError } from '../chrome/cdp-error.ts'
import type { ChromeConnection } from '../chrome/connect-to-chrome.ts'

/** Requests that Chrome makes to some domains, kept back before their cookies are attached. */
export interface RequestHold {
  /** From its return on, no request of a page, frame, worker or service worker leaves for the domains. */
  start(): Promise<void>
  /** Lets them go. Never rejects: they also go when the connection ends. */
  end(): Promise<void>
}

/** Chrome's own processes answer these at once, however busy the page is. */
const browserMs = 1_000
/** How long a page may take to say that it has taken the hold in; a stuck one cannot send anything meanwhile. */
const settleMs = 100
const targetTypes = ['page', 'iframe', 'service_worker']

/**
 * Attaches to what is open; nothing is held before `start`.
 *
 * `Fetch.enable` on the browser's session holds what is opened from then on (tabs, frames, workers, other contexts), on
 * a target's session what is open already: both are needed. Not covered: shared workers that run already
 * (`Fetch.enable` answers ok there and holds nothing) and WebSocket handshakes.
 *
 * @param domains without leading dots; their sub-domains are held too
 */
export async function prepareHold(
  chrome: ChromeConnection,
  domains: readonly string[],
  signal?: AbortSignal,
): Promise<RequestHold> {
  const patterns = domains.map((domain) => ({ urlPattern: `*//*${domain}*` }))
  const sessions = new Map<string, string>()
  const bound = { timeoutMs: browserMs, signal }

  async function attachToOpen(): Promise<string[]> {
    const { targetInfos } = await chrome.send('Target.getTargets', {}, bound)
    const open = targetInfos.filter(
      ({ type, targetId }) => targetTypes.includes(type) && !sessions.has(targetId),
    )
    const attached = await Promise.all(
      open.map(async ({ targetId }) => {
        const answer = await chrome
          .send('Target.attachToTarget', { targetId, flatten: true }, { timeoutMs: browserMs })
          .catch(unlessGone)
        if (answer) sessions.set(targetId, answer.sessionId)
        return answer?.sessionId
      }),
    )
    return attached.filter((sessionId) => sessionId !== undefined)
  }

  async function holdIn(sessionId: string): Promise<void> {
    const page = chrome.inSession(sessionId)
    const enabled = page.send('Fetch.enable', { patterns }, bound).catch(unlessGone)
    // Answered by the page's main thread after the hold has reached it: what it sends from then on is held.
    const settled = page.send('Runtime.evaluate', { expression: '0' }, { timeoutMs: settleMs, signal })
    await Promise.all([enabled, settled.catch(unlessGone)])
  }

  async function end(): Promise<void> {
    const detached = [...sessions.values()].map((sessionId) =>
      chrome.send('Target.detachFromTarget', { sessionId }).catch(ofCdp),
    )
    sessions.clear()
    await Promise.all([chrome.send('Fetch.disable').catch(ofCdp), ...detached])
  }

  async function start(): Promise<void> {
    if (patterns.length === 0) return
    await chrome.send('Fetch.enable', { patterns }, bound)
    const known = [...sessions.values()]
    const opened = attachToOpen().then((sessionIds) => Promise.all(sessionIds.map(holdIn)))
    await Promise.all([...known.map(holdIn), opened])
  }

  try {
    await attachToOpen()
  } catch (error) {
    await end()
    throw error
  }
  return { start, end }
}

/** A target that closes, crashes or hangs while it is spoken to must not stop the hold of the others. */
function unlessGone(error: unknown): undefined {
  if (error instanceof CdpError && error.code !== 'chrome_gone') return undefined
  throw error
}

function ofCdp(error: unknown): undefined {
  if (error instanceof CdpError) return undefined
  throw error
}
