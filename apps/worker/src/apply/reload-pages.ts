import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { findDefaultContext } from '../cdp/default-context.ts'
import type { ContextId } from './contexts.ts'
import { concerns, type OwnedSites } from './owned-sites.ts'

const reloadMs = 1_000

/** Reloads the open pages of the session's sites in these contexts. A page that hangs or closes meanwhile is passed over. */
export async function reloadPages(
  chrome: ChromeConnection,
  { owned, contexts }: { owned: OwnedSites; contexts: readonly ContextId[] },
): Promise<void> {
  const isDefault = await findDefaultContext(chrome)
  const { targetInfos } = await chrome.send('Target.getTargets')
  const pages = targetInfos.filter(
    ({ type, url, browserContextId: id }) =>
      type === 'page' && concerns(owned, url) && contexts.includes(isDefault(id) ? undefined : id),
  )
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
