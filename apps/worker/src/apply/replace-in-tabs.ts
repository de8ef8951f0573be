import type { OriginStorage } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { CdpSession } from '../cdp/cdp-session.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { framesIn } from '../cdp/frames-in.ts'
import { runInPage } from '../cdp/hidden-page.ts'
import type { PartialState } from './apply-result.ts'
import { replaceTabStorage } from './in-page/tab-storage.ts'
import { concerns, type OwnedSites } from './owned-sites.ts'

/** Scripts run there out of sight of the page's own. */
export const tabWorld = 'session-broker'

interface OpenTabs {
  /** By target id. */
  pages: ReadonlyMap<string, CdpSession>
  isThere(targetId: string): boolean
  origins: readonly { origin: string; entries: OriginStorage['localStorage'] }[]
  owned: OwnedSites
  signal?: AbortSignal | undefined
}

const tabMs = 1_000

/**
 * Replaces the sessionStorage of the origins in the tabs that show them, in frames too.
 * @returns the origins where a tab could not be reached
 */
export async function replaceInTabs(
  chrome: ChromeConnection,
  { pages, isThere, origins, owned, signal }: OpenTabs,
): Promise<PartialState[]> {
  const { targetInfos } = await chrome.send('Target.getTargets', {}, { signal })
  const shown = targetInfos.filter(({ url }) => concerns(owned, url))
  const left = await Promise.all(
    shown.map(async ({ targetId, url }) => {
      const page = pages.get(targetId)
      if (!page) return []
      const failed = await replaceIn(page, origins, signal).catch((error) => {
        if (!(error instanceof CdpError) || error.code === 'chrome_gone') throw error
        const { origin } = new URL(url)
        return origins.some((one) => one.origin === origin) ? [origin] : []
      })
      // What was closed meanwhile has nothing any more.
      return isThere(targetId) ? failed : []
    }),
  )
  return [...new Set(left.flat())].map((origin) => ({ origin, what: 'sessionStorage of an open tab' }))
}

async function replaceIn(
  page: CdpSession,
  origins: OpenTabs['origins'],
  signal?: AbortSignal,
): Promise<string[]> {
  const bound = { timeoutMs: tabMs, signal }
  const { frameTree } = await page.send('Page.getFrameTree', undefined, bound)
  const failed = await Promise.all(
    framesIn(frameTree).map(async ({ id, url }) => {
      const own = origins.find(({ origin }) => origin === URL.parse(url)?.origin)
      if (!own) return []
      const world = { frameId: id, worldName: tabWorld }
      const { executionContextId } = await page.send('Page.createIsolatedWorld', world, bound)
      const options = { ...bound, contextId: executionContextId }
      return (await runInPage(page, replaceTabStorage, own.entries, options)) ? [] : [own.origin]
    }),
  )
  return failed.flat()
}
