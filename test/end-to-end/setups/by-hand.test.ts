import { launchChrome } from '@session-broker/chrome'
import { freePort, waitFor } from '@session-broker/stage/process'
import { startSite } from '@session-broker/stage/site'
import { chromium } from 'playwright'
import t from 'tap'
import { followPage } from './follow-page.ts'
import { showsText } from './shows-text.ts'

// docs/setups/by-hand.md, followed: the broker knows neither name nor password.
t.setTimeout(300_000)
const site = await startSite()
t.teardown(() => site.close())
const port = await freePort()
const page = await followPage({
  path: 'docs/setups/by-hand.md',
  put: { '8787': String(port), 'https://shop.example/login': site.loginUrl },
})
t.teardown(() => page.leave())

/** As a person does: types, presses, and leaves the tab open. */
async function signInByHand(cdpUrl: string): Promise<void> {
  const browser = await chromium.connectOverCDP(cdpUrl)
  try {
    const tab = await browser.contexts()[0]?.newPage()
    await tab?.goto(site.loginUrl)
    await tab?.locator('input[name=username]').fill(site.username)
    await tab?.locator('input[type=password]').fill(site.password)
    await tab?.keyboard.press('Enter')
    await tab?.getByText(site.signedInText).waitFor()
  } finally {
    await browser.close()
  }
}

t.test('what a person signed in to is in every other Chrome', async (t) => {
  await page.writeConfig(`listen: 127.0.0.1:${port}`)
  const person = await page.createKey('npm run broker -- keys create --name person --scopes read,write')
  const server1 = await page.createKey('npm run broker -- keys create --name server1 --scopes read,refresh')
  const broker = await page.start('npm run broker -- serve')
  t.teardown(() => broker.end(25_000))
  await waitFor(broker, async () => broker.output().includes('listens on'), { withinMs: 120_000 })

  const [personsChrome, servers] = await Promise.all([
    launchChrome({ headless: true }),
    launchChrome({ headless: true }),
  ])
  t.teardown(() => Promise.all([personsChrome.close(), servers.close()]))
  const worker = await page.start(
    "SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker http://127.0.0.1:8787 --session shop --id server1",
    { 'sb_…': server1, '--id server1': `--id server1 --chrome ${servers.cdpUrl}` },
  )
  t.teardown(() => worker.end(10_000))

  await signInByHand(personsChrome.cdpUrl)
  const said = await page.type(
    "SESSION_BROKER_KEY='sb_…' npm run worker -- capture --broker http://127.0.0.1:8787 --session shop",
    { 'sb_…': person, '--session shop': `--session shop --chrome ${personsChrome.cdpUrl}` },
  )
  t.match(said, /^shop: generation 1 is what everybody gets now/)
  await waitFor(worker, async () => worker.output().includes('signed in here'), { withinMs: 120_000 })
  t.ok(await showsText(servers.cdpUrl, { url: site.url, text: site.signedInText }))
  t.ok(
    await showsText(personsChrome.cdpUrl, { url: site.url, text: site.signedInText }),
    'the person still is',
  )
  t.equal(site.stats().loginsStarted, 1, 'by the person alone')
})
