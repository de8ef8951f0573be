import type { OriginStorage } from '@session-broker/shared'
import { chromium } from 'playwright'

/** As the broker captures it: by Playwright's storageState. */
export async function captureByPlaywright(cdpUrl: string, origin: string): Promise<OriginStorage[]> {
  const browser = await chromium.connectOverCDP(cdpUrl)
  try {
    const [context] = browser.contexts()
    // Playwright tells the storage of origins that it has seen a page of.
    const page = await context?.newPage()
    await page?.goto(origin)
    const state = await context?.storageState({ indexedDB: true })
    await page?.close()
    return (state?.origins ?? []).filter((one) => one.origin === origin) as OriginStorage[]
  } finally {
    await browser.close()
  }
}
