import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Door, startGallery } from '@session-broker/stage/gallery'
import { freePort, waitFor } from '@session-broker/stage/process'
import t, { type Test } from 'tap'
import { ensureInstalled } from '../../sites/ensure-installed.ts'
import { followPage } from './follow-page.ts'
import { showsText } from './shows-text.ts'

// docs/setups/more-than-cookies.md, followed for sites that set no cookie at all: what makes one signed in lies in localStorage, in
// IndexedDB or in sessionStorage, and arrives in a Chrome that was never there.
t.setTimeout(600_000)
await ensureInstalled('curl')
const kinds = ['token-local-storage', 'token-indexed-db', 'token-session-storage'] as const
const gallery = await startGallery({ only: [...kinds] })
t.teardown(() => gallery.close())

async function follow(t: Test, door: Door) {
  const [port, chromePort] = await Promise.all([freePort(), freePort()])
  const page = await followPage({
    path: 'docs/setups/more-than-cookies.md',
    put: {
      '8787': String(port),
      '9222': String(chromePort),
      'https://shop.example/login': door.loginUrl,
      'username: alice': `username: ${door.username}`,
      "SHOP_PASSWORD='…'": `SHOP_PASSWORD='${door.password}'`,
    },
  })
  t.teardown(() => page.leave())
  await page.writeConfig(`listen: 127.0.0.1:${port}`)
  const key = await page.createKey('npm run broker -- keys create --name servers --scopes read,refresh')
  const broker = await page.start("SHOP_PASSWORD='…' npm run broker -- serve")
  t.teardown(() => broker.end(25_000))
  await waitFor(broker, async () => broker.output().includes('listens on'), { withinMs: 120_000 })
  const worker = await page.start(
    "SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker http://127.0.0.1:8787 --session shop --launch --headless --port 9222 --user-data-dir profile --id server1",
    { 'sb_…': key },
  )
  t.teardown(() => worker.end(10_000))
  await waitFor(worker, async () => worker.output().includes('"outcome":"applied"'), { withinMs: 120_000 })
  return { page, key, cdpUrl: `http://127.0.0.1:${chromePort}` }
}

for (const kind of kinds) {
  t.test(`${kind}: a Chrome with a new profile is signed in`, async (t) => {
    const door = gallery.door(kind)
    const { page, key, cdpUrl } = await follow(t, door)
    const shown = { url: door.url + door.signedIn.path, text: door.signedIn.text }
    t.ok(await showsText(cdpUrl, shown))
    await page.type(
      "curl -H 'Authorization: Bearer sb_…' 'http://127.0.0.1:8787/session/cookies?format=storage-state' > state.json",
      { 'sb_…': key },
    )
    const { cookies, origins } = JSON.parse(await readFile(join(page.folder, 'state.json'), 'utf8'))
    t.same(cookies, [], 'without a cookie')
    t.match(origins, [{ origin: door.url }])
  })
}
