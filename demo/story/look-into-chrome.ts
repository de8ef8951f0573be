import type { LaunchedChrome } from '@session-broker/chrome'
import { chromium } from 'playwright'

/** What a person would see who opens the site in this Chrome: the page's greeting. Nothing of ours takes part in this look. */
export async function lookIntoChrome(chrome: LaunchedChrome, url: string): Promise<string> {
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  try {
    const context = browser.contexts()[0]
    if (!context) throw new Error('this Chrome has no default context')
    const page = await context.newPage()
    try {
      await page.goto(url)
      return (await page.locator('h1').first().innerText()).trim()
    } finally {
      await page.close()
    }
  } finally {
    await browser.close()
  }
}
