import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { launchChrome } from '@session-broker/chrome'
import { freePort, waitFor } from '@session-broker/stage/process'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'
import { ensureInstalled } from '../sites/ensure-installed.ts'
import { followPage } from './setups/follow-page.ts'
import { showsText } from './setups/shows-text.ts'

// The README's "first real site", followed: only the site, the ports and the secrets are put in.
t.setTimeout(300_000)
await ensureInstalled('curl')
const run = promisify(execFile)
const site = await startSite()
t.teardown(() => site.close())
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const port = await freePort()
const page = await followPage({
  path: 'README.md',
  put: {
    '8787': String(port),
    'https://shop.example/login': site.loginUrl,
    "SHOP_PASSWORD='…'": `SHOP_PASSWORD='${site.password}'`,
  },
})
t.teardown(() => page.leave())
let key = ''

t.test('a key is made, and its line makes the configuration whole', async (t) => {
  await page.writeConfig(`listen: 127.0.0.1:${port}`)
  key = await page.createKey('npm run broker -- keys create --name server1 --scopes read,refresh')
  t.ok(key)
  t.match(await page.type('npm run broker -- check-config'), /shop/)
})

t.test('broker and worker sign the Chrome in', async (t) => {
  const broker = await page.start("SHOP_PASSWORD='…' npm run broker -- serve")
  t.teardown(() => broker.end(25_000))
  await waitFor(broker, async () => broker.output().includes('listens on'), { withinMs: 120_000 })
  const worker = await page.start(
    "SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker http://127.0.0.1:8787 --session shop",
    { 'sb_…': key, '--session shop': `--session shop --chrome ${chrome.cdpUrl}` },
  )
  t.teardown(() => worker.end(10_000))
  await waitFor(worker, async () => worker.output().includes('signed in here'), { withinMs: 120_000 })
  t.ok(await showsText(chrome.cdpUrl, { url: site.url, text: site.signedInText }))

  const withKey = { 'sb_…': key }
  const body = await page.type(
    "curl -H 'Authorization: Bearer sb_…' http://127.0.0.1:8787/session/cookies",
    withKey,
  )
  t.match(JSON.parse(body), { session: 'shop', generation: 1 })
  await page.type(
    "curl -H 'Authorization: Bearer sb_…' 'http://127.0.0.1:8787/session/cookies?format=netscape' > cookies.txt",
    withKey,
  )
  const cookiesTxt = join(page.folder, 'cookies.txt')
  t.match(await readFile(cookiesTxt, 'utf8'), /^# Netscape HTTP Cookie File/)
  const { stdout } = await run('curl', ['-s', '-b', cookiesTxt, `${site.url}/`])
  t.match(stdout, site.signedInText, 'curl is signed in by the cookies.txt')
})
