import type { Page } from 'playwright'

const pollMs = 50
const mostMs = 3_000

/**
 * Waits until what makes the browser signed in has stopped changing: single-page apps store their token a moment after the
 * form is gone. Bounded: some pages never rest.
 */
export async function waitUntilSettled(page: Page, signal: AbortSignal): Promise<void> {
  const end = performance.now() + mostMs
  await page.waitForLoadState('load', { timeout: mostMs }).catch(() => undefined)
  let before = await fingerprint(page)
  while (performance.now() < end) {
    signal.throwIfAborted()
    await page.waitForTimeout(pollMs)
    const now = await fingerprint(page)
    if (now !== undefined && now === before) return
    before = now
  }
}

async function fingerprint(page: Page): Promise<string | undefined> {
  try {
    const [cookies, storage] = await Promise.all([
      page.context().cookies(),
      page.evaluate(() => JSON.stringify({ ...localStorage })),
    ])
    return JSON.stringify([page.url(), cookies]) + storage
  } catch {
    return undefined
  }
}
