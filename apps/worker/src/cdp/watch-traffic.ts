import type { HiddenPage } from './hidden-page.ts'

const mayChangePage: readonly (string | undefined)[] = ['Document', 'XHR', 'Fetch', 'Script']

/**
 * Tells whether something is on its way that may change what the page shows. Listens from the call on; `Network.enable` is the
 * caller's.
 */
export function watchTraffic(page: HiddenPage): () => boolean {
  const underWay = new Set<string>()
  page.on('Network.requestWillBeSent', ({ requestId, type }) => {
    if (mayChangePage.includes(type)) underWay.add(requestId)
  })
  page.on('Network.loadingFinished', ({ requestId }) => void underWay.delete(requestId))
  page.on('Network.loadingFailed', ({ requestId }) => void underWay.delete(requestId))
  return () => underWay.size > 0
}
