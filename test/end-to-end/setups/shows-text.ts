import { chromium } from 'playwright'

/** Whether a new tab of this Chrome shows the text at `url`. */
export async function showsText(
  cdpUrl: string,
  { url, text }: { url: string; text: string },
): Promise<boolean> {
  const browser = await chromium.connectOverCDP(cdpUrl)
  try {
    const page = await browser.contexts()[0]?.newPage()
    if (!page) throw new Error('this Chrome has no default context')
    await page.goto(url)
    const found = page.getByText(text).waitFor({ timeout: 20_000 })
    return await found.then(
      () => true,
      () => false,
    )
  } finally {
    await browser.close()
  }
}
