import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChrome } from '@session-broker/chrome'
import { startBroker } from '@session-broker/stage/broker'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'
import { ensureInstalled } from '../sites/ensure-installed.ts'
import { runExample, runNode } from './run-example.ts'

// Each example as it stands there, against a real broker that signs in to a real site.
t.setTimeout(600_000)
await Promise.all([ensureInstalled('curl'), ensureInstalled('wget')])
const site = await startSite()
t.teardown(() => site.close())
const broker = await startBroker({
  sites: { shop: site },
  budget: { loginsPerDay: 50, failedPerDay: 3 },
})
t.teardown(() => broker.close())

t.test('playwright.ts', async (t) => {
  t.match(await runNode(['playwright.ts', site.url], { broker }), site.signedInText)
  t.equal(site.stats().loginsStarted, 1, 'the first who asks starts the first login')
})

t.test('puppeteer.ts', async (t) => {
  const chrome = await launchChrome({ headless: true })
  t.teardown(() => chrome.close())
  const env = { CHROME_URL: chrome.cdpUrl }
  t.match(await runNode(['puppeteer.ts', site.url], { broker, env }), site.signedInText)
})

for (const file of ['fetch.ts', 'tough-cookie.ts']) {
  t.test(file, async (t) => {
    t.match(await runNode([file, `${site.url}/api/me`], { broker }), `"username":"${site.username}"`)
    const logins = site.stats().loginsStarted
    site.killSessions()
    const said = await runNode([file, `${site.url}/api/me`], { broker })
    t.match(said, `"username":"${site.username}"`)
    t.notMatch(said, 'not signed in')
    t.equal(site.stats().loginsStarted, logins + 1, 'one login, however many found it out')
  })
}

for (const file of ['curl.sh', 'wget.sh']) {
  t.test(file, async (t) => {
    t.match(await runExample('sh', [file, `${site.url}/`], { broker }), site.signedInText)
  })
}

t.test('playwright-test', async (t) => {
  // Its tests begin with the first generation of a session, and end that.
  const another = await startBroker({ sites: { shop: site } })
  t.teardown(() => another.close())
  const env = { SITE_URL: site.url, NODE_OPTIONS: '--conditions=@session-broker/source' }
  const cli = [
    'node_modules/@playwright/test/cli.js',
    'test',
    '--config=playwright-test',
    '--workers=1',
    `--output=${join(tmpdir(), 'session-broker-playwright-test')}`,
    '--reporter=line',
  ]
  t.match(await runExample(process.execPath, cli, { broker: another, env }), '3 passed')
})
