import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'

/**
 * The registrable domain of each host; a host without one (an address, localhost) stands for itself. Chrome itself is asked, which
 * knows the public suffixes: of a cookie for a whole suffix it makes one for that host alone.
 */
export async function findSites(
  chrome: ChromeConnection,
  hosts: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const candidates = new Set(hosts.flatMap(suffixesOf))
  const probes = [...candidates].map((domain) => ({ name: 'a', value: 'a', domain: `.${domain}`, path: '/' }))
  // Not ended by the signal: a context that is on its way could not be disposed of.
  const { browserContextId } = await chrome.send('Target.createBrowserContext', { disposeOnDetach: true })
  try {
    await chrome.send('Storage.setCookies', { cookies: probes, browserContextId }, { signal })
    const { cookies } = await chrome.send('Storage.getCookies', { browserContextId }, { signal })
    const sharable = new Set(cookies.map(({ domain }) => domain))
    return [
      ...new Set(hosts.map((host) => suffixesOf(host).find((each) => sharable.has(`.${each}`)) ?? host)),
    ]
  } finally {
    await chrome.send('Target.disposeBrowserContext', { browserContextId })
  }
}

/** `b.example` before `a.b.example`; none of an address, whose parts mean nothing. */
function suffixesOf(host: string): string[] {
  if (/^[\d.]+$|\]$/.test(host)) return []
  const labels = host.split('.')
  return labels.map((_, at) => labels.slice(labels.length - 1 - at).join('.'))
}

/** Whether the host is one of a site's. */
export function isWithin(sites: readonly string[], host: string): boolean {
  return sites.some((site) => host === site || host.endsWith(`.${site}`))
}
