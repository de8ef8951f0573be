// node puppeteer.ts https://shop.example/orders
import { createBrokerClient } from '@session-broker/client'
import { keepSignedIn, userAgentOf } from '@session-broker/client/puppeteer'
import puppeteer from 'puppeteer-core'

const { SESSION_BROKER_URL: url = 'http://127.0.0.1:8787', SESSION_BROKER_KEY: key = '' } = process.env
const { CHROME_URL: browserURL = 'http://127.0.0.1:9222' } = process.env
const [address = 'https://shop.example/'] = process.argv.slice(2)

const client = createBrokerClient({ url, key })
const browser = await puppeteer.connect({ browserURL })
const context = await browser.createBrowserContext()
const kept = await keepSignedIn(context, { client })

const page = await context.newPage()
await page.setUserAgent(userAgentOf(kept.current()))
await page.goto(address)
console.log(await page.$eval('h1', (heading) => heading.textContent))

await kept.close()
await context.close()
await browser.disconnect()
await client.close()
