// What somebody would write who has no worker: the cookies of the broker, into the Chrome that runs.
import { chromium } from 'playwright'

const { BROKER_URL, BROKER_KEY, CDP_URL } = process.env
const answer = await fetch(`${BROKER_URL}/session/cookies`, {
  headers: { authorization: `Bearer ${BROKER_KEY}` },
})
const { cookies } = await answer.json()
const browser = await chromium.connectOverCDP(CDP_URL)
await browser.contexts()[0].addCookies(cookies)
console.log('applied')
await browser.close()
