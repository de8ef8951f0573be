// node examples/playwright.ts https://shop.example/orders
import { createBrokerClient } from '@session-broker/client'
import { contextOptions, keepSignedIn } from '@session-broker/client/playwright'
import { chromium } from 'playwright'

const { SESSION_BROKER_URL: url = 'http://127.0.0.1:8787', SESSION_BROKER_KEY: key = '' } = process.env
const [page = ''] = process.argv.slice(2)

const client = createBrokerClient({ url, key })
const answer = await client.cookies()
if (answer.kind !== 'session') throw new Error('nothing was asked to be compared')
const browser = await chromium.launch({ executablePath: process.env.CHROME_PATH })
const context = await browser.newContext(contextOptions(answer.session))
// For contexts that stay open for long: a new generation is put in as soon as there is one.
const kept = await keepSignedIn(context, { client, from: answer.session })

const tab = await context.newPage()
await tab.goto(page)
console.log(await tab.title(), '·', await tab.locator('h1').innerText())

await kept.close()
await browser.close()
await client.close()
