import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { findDefaultContext } from '../cdp/default-context.ts'
import { framesIn } from '../cdp/frames-in.ts'
import { isWithin } from './is-within.ts'

export interface OpenPages {
  /** Addresses of the tabs that show one of the sites. */
  tabs: string[]
  /** Origins of the sites in tabs and frames. */
  origins: string[]
}

const frameTreeMs = 2_000

/** What is open of the sites in the default context. */
export async function findPages(
  chrome: ChromeConnection,
  sites: readonly string[],
  signal?: AbortSignal,
): Promise<OpenPages> {
  const { targetInfos } = await chrome.send('Target.getTargets', {}, { signal })
  const isDefault = await findDefaultContext(chrome, signal)
  const shown = targetInfos.filter(
    ({ type, url, browserContextId }) =>
      /^(page|iframe)$/.test(type) && isOf(sites, url) && isDefault(browserContextId),
  )
  const tabs = shown.filter(({ type }) => type === 'page')
  const frames = await Promise.all(tabs.map(({ targetId }) => framesOf(chrome, targetId, signal)))
  const urls = [...shown.map(({ url }) => url), ...frames.flat().filter((url) => isOf(sites, url))]
  return { tabs: tabs.map(({ url }) => url), origins: [...new Set(urls.map((url) => new URL(url).origin))] }
}

function isOf(sites: readonly string[], text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && isWithin(sites, url.hostname)
}

/** Frames of the page's own process; others are targets themselves. A page that hangs or closes has told its address. */
async function framesOf(chrome: ChromeConnection, targetId: string, signal?: AbortSignal): Promise<string[]> {
  const bound = { timeoutMs: frameTreeMs, signal }
  try {
    const { sessionId } = await chrome.send('Target.attachToTarget', { targetId, flatten: true }, bound)
    const { frameTree } = await chrome.inSession(sessionId).send('Page.getFrameTree', undefined, bound)
    await chrome.send('Target.detachFromTarget', { sessionId }, bound)
    return framesIn(frameTree).map(({ url }) => url)
  } catch (error) {
    if (error instanceof CdpError && error.code !== 'chrome_gone') return []
    throw error
  }
}
