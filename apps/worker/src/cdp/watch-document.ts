import type { HiddenPage } from './hidden-page.ts'

/** The answer that a page's newest document came with. */
export interface DocumentAnswer {
  requestId: string
  status: number
  url: string
  redirects: number
}

/**
 * Resolves when a document of the page itself (not of a frame in it) has been received; the answer then follows the
 * page on to later documents. Listens from the call on; `Network.enable` is the caller's.
 */
export function watchDocument(page: HiddenPage, signal: AbortSignal): Promise<DocumentAnswer> {
  const redirects = new Map<string, number>()
  const document: DocumentAnswer = { requestId: '', status: 0, url: '', redirects: 0 }
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    page.on('Network.requestWillBeSent', ({ requestId, redirectResponse }) => {
      if (redirectResponse) redirects.set(requestId, (redirects.get(requestId) ?? 0) + 1)
    })
    page.on('Network.responseReceived', ({ requestId, type, frameId, response }) => {
      if (type !== 'Document' || frameId !== page.targetId) return
      const { status, url } = response
      Object.assign(document, { requestId, status, url, redirects: redirects.get(requestId) ?? 0 })
    })
    const onEnd = ({ requestId }: { requestId: string }) => {
      if (requestId === document.requestId) resolve(document)
    }
    page.on('Network.loadingFinished', onEnd)
    page.on('Network.loadingFailed', onEnd)
  })
}
