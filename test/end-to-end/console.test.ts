import { setTimeout as delay } from 'node:timers/promises'
import { launchChrome } from '@session-broker/chrome'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { startGallery } from '@session-broker/stage/gallery'
import { chromium } from 'playwright'
import t from 'tap'

const gallery = await startGallery({ only: ['plain-form', 'mailed-code'] })
t.teardown(() => gallery.close())
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const browser = await chromium.connectOverCDP(chrome.cdpUrl)
t.teardown(() => browser.close())

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it never came to that')
    await delay(50)
  }
}

/** The console in a browser, with the key typed in. */
async function openConsole(broker: BrokerProcess, key = broker.key) {
  const page = await browser.newPage()
  const mistakes: string[] = []
  page.on('pageerror', (error) => mistakes.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && mistakes.push(message.text()))
  await page.goto(`${broker.url}/console`)
  await page.getByLabel('Key with the scope operate').fill(key)
  await page.getByRole('button', { name: 'Watch' }).click()
  return { page, mistakes }
}

t.test('a person sees the page and signs in on it, by clicks and keys alone', async (t) => {
  const door = gallery.door('plain-form')
  const broker = await startBroker({ sites: { shop: { ...door, byPerson: true } } })
  t.teardown(() => broker.close())
  const { page, mistakes } = await openConsole(broker)
  await page.getByText('asks nothing of anybody now').waitFor()
  const login = broker.refresh()
  await page.getByRole('heading', { name: 'Sign in on this page' }).waitFor()
  const picture = page.getByAltText('the page of the sign-in')

  const type = async (text: string) => {
    await page.getByLabel('Type on the page').fill(text)
    await page.getByRole('button', { name: 'Type', exact: true }).click()
  }
  const before = await picture.getAttribute('src')
  await page.getByRole('button', { name: 'Tab' }).click()
  await type(door.username)
  await until(async () => (await picture.getAttribute('src')) !== before)
  await page.getByRole('button', { name: 'Tab' }).click()
  await type(door.password)
  await page.getByRole('button', { name: 'Enter' }).click()
  await until(async () => door.stats().passwords === 1)
  await page.getByRole('button', { name: 'It is done, go on' }).click()
  t.match((await login).body, { outcome: 'renewed', generation: 1 })
  t.ok(door.isSignedIn((await broker.call('/session/cookies')).body))
  await page.getByText('asks nothing of anybody now').waitFor()
  t.equal(await picture.isVisible(), false, 'nothing of the page stays')
  t.same(
    mistakes.filter((each) => !/404/.test(each)),
    [],
  )
})

t.test('a key without the scope is told so, and sees nothing', async (t) => {
  const door = gallery.door('mailed-code')
  const broker = await startBroker({ sites: { shop: door } })
  t.teardown(() => broker.close())
  const { page } = await openConsole(broker, 'sb_not-a-key')
  await page.getByText('is not one of this broker').waitFor()
  t.equal(await page.getByAltText('the page of the sign-in').isVisible(), false)
  const { headers } = await broker.call('/console')
  t.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
})
