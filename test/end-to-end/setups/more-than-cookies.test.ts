import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startGallery } from '@session-broker/stage/gallery'
import { freePort, waitFor } from '@session-broker/stage/process'
import t from 'tap'
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

const passwordOf = (kind: string) => `${kind.toUpperCase().replaceAll('-', '_')}_PASSWORD`

/** The page's session once for each kind, in one broker. */
const [port, ...chromePorts] = await Promise.all([freePort(), ...kinds.map(() => freePort())])
const page = await followPage({
  path: 'docs/setups/more-than-cookies.md',
  put: { '8787': String(port) },
})
t.teardown(() => page.leave())
let key = ''

t.test('the broker is set up', async () => {
  await page.writeConfig(`listen: 127.0.0.1:${port}`, (yaml) => {
    const [head = '', session = ''] = yaml.split(/(?<=^sessions:\n)/)
    const each = kinds.map((kind) => {
      const { loginUrl, username } = gallery.door(kind)
      return session
        .replace('shop:', `${kind}:`)
        .replace('https://shop.example/login', loginUrl)
        .replace('alice', username)
        .replace('SHOP_PASSWORD', passwordOf(kind))
    })
    return head + each.join('')
  })
  key = await page.createKey('npm run broker -- keys create --name servers --scopes read,refresh')
  const passwords = kinds.map((kind) => `${passwordOf(kind)}='${gallery.door(kind).password}'`)
  const broker = await page.start("SHOP_PASSWORD='…' npm run broker -- serve", {
    "SHOP_PASSWORD='…'": passwords.join(' '),
  })
  t.teardown(() => broker.end(25_000))
  await waitFor(broker, async () => broker.output().includes('listens on'), { withinMs: 120_000 })
})

for (const [index, kind] of kinds.entries()) {
  t.test(`${kind}: a Chrome with a new profile is signed in`, async (t) => {
    const door = gallery.door(kind)
    const chromePort = String(chromePorts[index])
    const own = {
      'sb_…': key,
      '--session shop': `--session ${kind}`,
      '9222': chromePort,
      '--user-data-dir profile': `--user-data-dir ${kind}`,
      'cookies?': `cookies?session=${kind}&`,
    }
    const worker = await page.start(
      "SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker http://127.0.0.1:8787 --session shop --launch --headless --port 9222 --user-data-dir profile --id server1",
      own,
    )
    t.teardown(() => worker.end(10_000))
    await waitFor(worker, async () => worker.output().includes('"outcome":"applied"'), { withinMs: 120_000 })
    const shown = { url: door.url + door.signedIn.path, text: door.signedIn.text }
    t.ok(await showsText(`http://127.0.0.1:${chromePort}`, shown))
    await page.type(
      "curl -H 'Authorization: Bearer sb_…' 'http://127.0.0.1:8787/session/cookies?format=storage-state' > state.json",
      own,
    )
    const { cookies, origins } = JSON.parse(await readFile(join(page.folder, 'state.json'), 'utf8'))
    t.same(cookies, [], 'without a cookie')
    t.match(origins, [{ origin: door.url }])
  })
}
