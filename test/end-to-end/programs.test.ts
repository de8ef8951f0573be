import { launchChrome } from '@session-broker/chrome'
import { createBrokerClient } from '@session-broker/client'
import { createSessionFetch } from '@session-broker/client/fetch'
import { keepSignedIn } from '@session-broker/client/playwright'
import { startBroker } from '@session-broker/stage/broker'
import { startSite } from '@session-broker/stage/site'
import { chromium } from 'playwright'
import t from 'tap'

// Programs on the client library, with a real broker that signs in to a real site.
t.setTimeout(300_000)
const site = await startSite()
t.teardown(() => site.close())
const broker = await startBroker({ sites: { shop: site }, budget: { loginsPerDay: 20, failedPerDay: 3 } })
t.teardown(() => broker.close())
const client = createBrokerClient({ url: broker.url, key: broker.key })
t.teardown(() => client.close())

t.test('100 requests that find the session ended: one refresh, one login, 100 answers', async (t) => {
  const { fetch, current, close } = await createSessionFetch({ client })
  t.teardown(close)
  t.equal(current().generation, 1, 'the first who asks starts the first login')
  site.killSessions()
  const refreshes = async () => {
    const { body } = await broker.call('/metrics')
    return [...String(body.text).matchAll(/^session_broker_refreshes_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    )
  }
  const before = { refreshes: await refreshes(), logins: site.stats().loginsStarted }
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${site.url}/`)))
  const texts = await Promise.all(answers.map((answer) => answer.text()))
  t.equal(texts.filter((text) => text.includes(site.signedInText)).length, 100)
  t.equal(site.stats().loginsStarted, before.logins + 1)
  t.equal((await refreshes()) - before.refreshes, 1)
  t.equal(current().generation, 2)
})

t.test('an open Playwright context is signed in again, by its own word or another’s', async (t) => {
  const chrome = await launchChrome({ headless: true })
  t.teardown(() => chrome.close())
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  t.teardown(() => browser.close())
  const context = await browser.newContext()
  const kept = await keepSignedIn(context, { client })
  const page = await context.newPage()
  const greeting = async () => {
    await page.goto(site.url)
    return page.locator('h1').innerText()
  }
  t.equal(await greeting(), site.signedInText)
  site.killSessions()
  t.equal(await greeting(), 'Sign in')
  t.match(await kept.signedOut({ reason: 'the test sees the form' }), { outcome: 'renewed' })
  t.equal(await greeting(), site.signedInText)

  site.killSessions()
  const { generation } = kept.current()
  const renewed = await client.refresh({ generation })
  t.match(await kept.signedOut({ seen: kept.current() }).then(() => kept.current()), {
    generation: renewed.generation,
  })
  t.equal(await greeting(), site.signedInText)
  await kept.close()
})

t.test('where the password is refused, a program is told so, and the site hears it once', async (t) => {
  const { fetch, close } = await createSessionFetch({ client })
  t.teardown(close)
  site.killSessions()
  site.setPassword(site.username, 'changed at the site')
  const before = site.stats().loginsStarted
  const failures = await Promise.allSettled(Array.from({ length: 20 }, () => fetch(`${site.url}/api/me`)))
  t.same(
    new Set(failures.map((failure) => (failure.status === 'rejected' ? failure.reason.code : 'an answer'))),
    new Set(['login_bad_credentials']),
  )
  t.equal(site.stats().loginsStarted, before + 1)
})
