import { CdpError } from '../cdp/cdp-error.ts'
import type { CdpSession } from '../cdp/cdp-session.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'

/** Requests that Chrome makes to some domains, kept back before their cookies are attached. */
export interface RequestHold {
  /** From its return on, no request of a page, frame, worker or service worker leaves for the domains. */
  start(): Promise<void>
  /** Lets them go: Chrome is told so by the time it returns. Never rejects: they also go when the connection ends. */
  end(): Promise<void>
}

/** Chrome's own process answers these at once, however busy the page is. */
const browserMs = 1_000
/** How long a page may take to learn the new way of its requests; a stuck one cannot send anything meanwhile. */
const settleMs = 100
const targetTypes = ['page', 'iframe', 'service_worker']

/**
 * Leads all requests to the domains past us, and lets each go on at once; the hold itself is then only to not let
 * them, which takes no time however many tabs there are.
 *
 * `Fetch.enable` on the browser's session catches what is opened from then on (documents, frames, workers, other contexts),
 * on a target's session what is open already: both are needed. Not covered: shared workers that run already
 * (`Fetch.enable` answers ok there and holds nothing) and WebSocket handshakes.
 *
 * The second counts for the document that the target then has. One that was on its way when the browser's session was told comes the
 * old way: the target is led only when it has answered, and that document is there.
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
  const stuck = new Set<string>()
  const listening: (() => void)[] = []
  const bound = { timeoutMs: browserMs, signal }
  let isHeld = false

  function letGo(session: CdpSession): void {
    const stop = session.on('Fetch.requestPaused', ({ requestId }) => {
      // One that is gone by then needs nothing.
      if (!isHeld) session.send('Fetch.continueRequest', { requestId }).catch(ofCdp)
    })
    listening.push(stop)
  }

  /** Answered by the target's main thread, after what it was told before. */
  async function settle(sessionId: string): Promise<void> {
    if (stuck.has(sessionId)) return
    const target = chrome.inSession(sessionId)
    await target
      .send('Runtime.evaluate', { expression: '0' }, { timeoutMs: settleMs, signal })
      .catch((error) => {
        if (error instanceof CdpError && error.code === 'command_timeout') stuck.add(sessionId)
        else throw error
      })
  }

  async function leadTarget(targetId: string): Promise<void> {
    // Not ended by the signal: a session that is on its way could not be detached.
    const { sessionId } = await chrome.send(
      'Target.attachToTarget',
      { targetId, flatten: true },
      { timeoutMs: browserMs },
    )
    sessions.set(targetId, sessionId)
    const target = chrome.inSession(sessionId)
    letGo(target)
    await settle(sessionId)
    await Promise.all([target.send('Fetch.enable', { patterns }, bound), settle(sessionId)])
  }

  /** Of one that did not answer, a document may have come in meanwhile; it is led before the next command. */
  function leadStuck(): void {
    for (const sessionId of stuck)
      chrome.inSession(sessionId).send('Fetch.enable', { patterns }, { timeoutMs: browserMs }).catch(ofCdp)
  }

  async function leadOpen(): Promise<void> {
    const { targetInfos } = await chrome.send('Target.getTargets', {}, bound)
    const open = targetInfos.filter(
      ({ type, targetId }) => targetTypes.includes(type) && !sessions.has(targetId),
    )
    // Every one has ended before the first failure is told: what is led must be known to `end`.
    const led = await Promise.allSettled(open.map(({ targetId }) => leadTarget(targetId)))
    for (const one of led) if (one.status === 'rejected') unlessGone(one.reason)
  }

  async function end(): Promise<void> {
    for (const stop of listening) stop()
    const disabled = chrome.send('Fetch.disable').catch(ofCdp)
    const detached = [...sessions.values()].map((sessionId) =>
      chrome.send('Target.detachFromTarget', { sessionId }).catch(ofCdp),
    )
    sessions.clear()
    await Promise.all([disabled, ...detached])
  }

  if (patterns.length === 0) return { start: async () => {}, end: async () => {} }
  try {
    letGo(chrome)
    await chrome.send('Fetch.enable', { patterns }, bound)
    await leadOpen()
  } catch (error) {
    await end()
    throw error
  }
  return {
    async start() {
      isHeld = true
      leadStuck()
      // What was opened since the preparation.
      await leadOpen()
    },
    end: once(end),
  }
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}

/** A target that closes, crashes or hangs while it is spoken to must not stop the hold of the others. */
function unlessGone(error: unknown): void {
  if (!(error instanceof CdpError) || error.code === 'chrome_gone') throw error
}

function ofCdp(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
