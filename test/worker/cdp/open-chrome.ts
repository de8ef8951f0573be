import { launchChrome } from '@session-broker/chrome'
import type { CdpSession } from '../../../apps/worker/src/cdp/cdp-session.ts'
import { type ChromeConnection, connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'

interface Teardown {
  teardown(end: () => unknown): unknown
}

/** A Chrome of its own with a connection to it, both ended with the test. */
export async function openChrome(t: Teardown): Promise<ChromeConnection & { cdpUrl: string }> {
  const launched = await launchChrome({ headless: true })
  t.teardown(launched.close)
  const chrome = await connectToChrome(launched.cdpUrl)
  t.teardown(chrome.close)
  return { ...chrome, cdpUrl: launched.cdpUrl }
}

export interface Tab extends CdpSession {
  targetId: string
  evaluate(expression: string): Promise<unknown>
  close(): Promise<unknown>
}

/** A tab that has loaded `url`, in the default context or the one given, with a way to run an expression in it. */
export async function openTab(
  chrome: ChromeConnection,
  url: string,
  browserContextId?: string,
): Promise<Tab> {
  const context = browserContextId === undefined ? {} : { browserContextId }
  const { targetId } = await chrome.send('Target.createTarget', { url: 'about:blank', ...context })
  const { sessionId } = await chrome.send('Target.attachToTarget', { targetId, flatten: true })
  const session = chrome.inSession(sessionId)
  await session.send('Page.enable')
  const loaded = new Promise<void>((resolve) => {
    const stop = session.on('Page.domContentEventFired', () => {
      stop()
      resolve()
    })
  })
  await session.send('Page.navigate', { url })
  await loaded
  return {
    ...session,
    targetId,
    async evaluate(expression: string): Promise<unknown> {
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    },
    close: () => chrome.send('Target.closeTarget', { targetId }),
  }
}

/** The targets that are open, by type and address. */
export async function openTargets(chrome: ChromeConnection): Promise<string[]> {
  const { targetInfos } = await chrome.send('Target.getTargets')
  return targetInfos.map(({ type, url }) => `${type} ${url}`).sort()
}
