// A job as people write it: a program of its own with Playwright, in the Chrome that it is told.
import { chromium } from 'playwright'

const [siteUrl = '', untilText = ''] = process.argv.slice(2)
const browser = await chromium.connectOverCDP(process.env.CHROME_CDP_URL ?? '')
const page = await browser.contexts()[0]?.newPage()
let seen = ''
while (page && !seen.includes(untilText)) {
  const answer = await page.goto(siteUrl)
  seen = (await answer?.text()) ?? ''
}
await page?.close()
await browser.close()
process.stdout.write(`the job saw: ${seen}\n`)
