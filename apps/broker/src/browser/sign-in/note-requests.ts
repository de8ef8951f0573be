import type { BrowserContext, Request } from 'playwright'

const mostNoted = 40

/**
 * Notes what pages ask their site for by themselves, and are given: `GET` from scripts, answered with data or text.
 * @returns what the newest document has asked for so far, the newest first.
 */
export function noteRequests(context: BrowserContext): () => string[] {
  let noted: string[] = []
  context.on('request', (request) => {
    if (isNewPage(request)) noted = []
  })
  context.on('requestfinished', async (request) => {
    const notedFor = noted
    if (await isGivenData(request).catch(() => false)) {
      notedFor.unshift(request.url())
      notedFor.splice(mostNoted)
    }
  })
  return () => [...noted]
}

function isNewPage(request: Request): boolean {
  if (!request.isNavigationRequest()) return false
  try {
    return request.frame().parentFrame() === null
  } catch {
    // A window that only opens has no frame yet.
    return true
  }
}

async function isGivenData(request: Request): Promise<boolean> {
  if (request.method() !== 'GET' || !/^(?:xhr|fetch)$/.test(request.resourceType())) return false
  const response = await request.response()
  return (
    response?.status() === 200 && /json|text\/(?:plain|html)/.test(response.headers()['content-type'] ?? '')
  )
}
