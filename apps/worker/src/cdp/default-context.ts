import type { ChromeConnection } from './connect-to-chrome.ts'

/** Tells by its id whether a browser context is the default one: that of tabs, and no incognito window or program's own. */
export async function findDefaultContext(
  chrome: ChromeConnection,
  signal?: AbortSignal,
): Promise<(browserContextId: string | undefined) => boolean> {
  const { browserContextIds, defaultBrowserContextId } = await chrome.send(
    'Target.getBrowserContexts',
    undefined,
    { signal },
  )
  return (id) =>
    defaultBrowserContextId === undefined
      ? !browserContextIds.includes(id ?? '')
      : id === defaultBrowserContextId
}
