// node playwright.ts https://shop.example/orders
import { createBrokerClient } from '@session-broker/client'
import { contextOptions, keepSignedIn } from '@session-broker/client/playwright'
import { chromium } from 'playwright'

const {
  SESSION_BROKER_URL: url = 'http://127.0.0.1:8787',
  SESSION_BROKER_KEY: key = '',
  CHROME_PATH,
} = process.env
const [address = 'https://shop.example/'] = process.argv.slice(2)

const client = createBrokerClient({ url, key })
const { session } = await client.cookies()
const browser = await chromium.launch(CHROME_PATH ? { executablePath: CHROME_PATH } : {})
const context = await browser.newContext(contextOptions(session))
// For contexts that stay open: a newer generation is put in as soon as there is one.
const kept = await keepSignedIn(context, { client, from: session })

const page = await context.newPage()
await page.goto(address)
console.log(await page.locator('h1').innerText())

await kept.close()
await browser.close()
await client.close()
