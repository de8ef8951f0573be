import { type HiddenPage, runInPage } from './hidden-page.ts'

const navigateMs = 5_000

/**
 * Takes a hidden page to an origin. Its address is answered here, with an empty document: nothing reaches the site, and none of its
 * scripts run.
 * @returns false where Chrome will not go there (it may know the site by https only)
 */
export async function standOnOrigin(
  page: HiddenPage,
  origin: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const bound = { timeoutMs: navigateMs, signal }
  page.on('Fetch.requestPaused', ({ requestId }) => {
    page
      .send('Fetch.fulfillRequest', {
        requestId,
        responseCode: 200,
        responseHeaders: [{ name: 'Content-Type', value: 'text/html' }],
        body: Buffer.from('<!doctype html>').toString('base64'),
      })
      // The page is gone, or navigated on: its navigation tells.
      .catch(() => {})
  })
  // Comes before a service worker of the site, too.
  await page.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }, bound)
  const { errorText } = await page.send('Page.navigate', { url: `${origin}/` }, bound)
  return !errorText && (await runInPage(page, currentOrigin, null, bound)) === origin
}

/** Runs in the page. */
function currentOrigin(): string {
  return location.origin
}
