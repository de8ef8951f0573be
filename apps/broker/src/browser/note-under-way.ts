import type { Page, Request } from 'playwright'

/**
 * Notes the page's requests that are on their way.
 * @param counts which ones matter; left out: all
 * @param onChange is told when one begins or ends
 * @returns how many there are now.
 */
export function noteUnderWay(
  page: Page,
  { counts = () => true, onChange }: { counts?: (request: Request) => boolean; onChange?: () => void } = {},
): () => number {
  const underWay = new Set<Request>()
  const end = (request: Request) => {
    underWay.delete(request)
    onChange?.()
  }
  page.on('request', (request) => {
    if (!counts(request)) return
    underWay.add(request)
    onChange?.()
  })
  page.on('requestfinished', end)
  page.on('requestfailed', end)
  return () => underWay.size
}
