import type { Sighting } from '@session-broker/shared'
import { CdpError } from './cdp-error.ts'
import { type HiddenPage, runInPage } from './hidden-page.ts'
import type { DocumentAnswer } from './watch-document.ts'

/** What the site answered, before anything ran. */
export async function readResponse(
  page: HiddenPage,
  { requestId, status, url }: DocumentAnswer,
  signal: AbortSignal,
): Promise<Sighting> {
  const { body, base64Encoded } = await page.send('Network.getResponseBody', { requestId }, { signal })
  return { status, finalUrl: url, body: base64Encoded ? Buffer.from(body, 'base64').toString() : body }
}

/** What the page shows by now; undefined while it is between two documents. */
export async function readDocument(
  page: HiddenPage,
  status: number,
  selector: string | undefined,
  signal: AbortSignal,
): Promise<Sighting | undefined> {
  const options = { timeoutMs: 2_000, signal }
  const shown = await runInPage(page, describeDocument, selector ?? null, options).catch((error) => {
    if (error instanceof CdpError && error.code !== 'chrome_gone') return undefined
    throw error
  })
  return shown && { status, ...shown }
}

/** Runs in the page. */
function describeDocument(selector: string | null): Omit<Sighting, 'status'> {
  const passwords = [...document.querySelectorAll('input[type=password]')]
  return {
    finalUrl: location.href,
    body: document.documentElement.outerHTML,
    hasPasswordField: passwords.some((field) => field.getClientRects().length > 0),
    ...(selector !== null && { hasSelector: document.querySelector(selector) !== null }),
  }
}
