import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { concerns, type OwnedSites } from './owned-sites.ts'

const reloadMs = 1_000

/** Reloads the open pages of the session's sites. A page that hangs or closes meanwhile is passed over. */
export async function reloadPages(chrome: ChromeConnection, owned: OwnedSites): Promise<void> {
  const { targetInfos } = await chrome.send('Target.getTargets')
  const pages = targetInfos.filter(({ type, url }) => type === 'page' && concerns(owned, url))
  await Promise.all(
    pages.map(async ({ targetId }) => {
      try {
        const bound = { timeoutMs: reloadMs }
        const { sessionId } = await chrome.send('Target.attachToTarget', { targetId, flatten: true }, bound)
        await chrome.inSession(sessionId).send('Page.reload', {}, bound)
        await chrome.send('Target.detachFromTarget', { sessionId }, bound)
      } catch (error) {
        if (!(error instanceof CdpError)) throw error
      }
    }),
  )
}
