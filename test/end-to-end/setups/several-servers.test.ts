import { launchChrome } from '@session-broker/chrome'
import { freePort, waitFor } from '@session-broker/stage/process'
import { startSite } from '@session-broker/stage/site'
import t, { type Test } from 'tap'
import { ensureInstalled } from '../../sites/ensure-installed.ts'
import { followPage } from './follow-page.ts'
import { showsText } from './shows-text.ts'

// docs/setups/several-servers.md, followed: a broker behind TLS, and for each server a Chrome with a profile of its own and a
// worker that trusts the broker's certificate.
t.setTimeout(300_000)
await ensureInstalled('openssl')
const site = await startSite()
t.teardown(() => site.close())
const port = await freePort()
const page = await followPage({
  path: 'docs/setups/several-servers.md',
  put: {
    '8787': String(port),
    'broker.internal': 'localhost',
    'https://shop.example/login': site.loginUrl,
    "SHOP_PASSWORD='…'": `SHOP_PASSWORD='${site.password}'`,
  },
})
t.teardown(() => page.leave())
const keys = new Map<string, string>()
const keyOf = (server: string) => ({ 'sb_…': keys.get(server) ?? '' })

async function startServer(t: Pick<Test, 'teardown'>, server: string) {
  const chrome = await launchChrome({ headless: true })
  t.teardown(() => chrome.close())
  const worker = await page.start(
    "NODE_EXTRA_CA_CERTS=broker.crt SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker https://broker.internal:8787 --session shop --id server1",
    { ...keyOf(server), '--id server1': `--id ${server} --look-every 1s --chrome ${chrome.cdpUrl}` },
  )
  t.teardown(() => worker.end(10_000))
  return { chrome, worker }
}

type Server = Awaited<ReturnType<typeof startServer>>

async function isSignedIn({ chrome, worker }: Server, generation: number): Promise<boolean> {
  const applied = new RegExp(`"generation":${generation}\\b.*"message":"signed in here"`)
  await waitFor(worker, async () => applied.test(worker.output()), { withinMs: 120_000 })
  return showsText(chrome.cdpUrl, { url: site.url, text: site.signedInText })
}

t.test('the broker is set up with a certificate and a key for each server', async (t) => {
  await page.type(
    'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=broker.internal -addext subjectAltName=DNS:broker.internal -keyout broker.key -out broker.crt',
  )
  await page.writeConfig()
  keys.set(
    'server1',
    await page.createKey('npm run broker -- keys create --name server1 --scopes read,refresh'),
  )
  keys.set(
    'server2',
    await page.createKey('npm run broker -- keys create --name server2 --scopes read,refresh'),
  )
  t.match(await page.type('npm run broker -- check-config'), /shop/)
})

t.test('one login signs the Chromes of all servers in', async (t) => {
  const broker = await page.start("SHOP_PASSWORD='…' npm run broker -- serve")
  t.teardown(() => broker.end(25_000))
  await waitFor(broker, async () => broker.output().includes('listens on'), { withinMs: 120_000 })
  const [one, two] = await Promise.all([startServer(t, 'server1'), startServer(t, 'server2')])
  t.ok(await isSignedIn(one, 1))
  t.ok(await isSignedIn(two, 1))
  t.equal(site.stats().loginsStarted, 1)

  site.killSessions()
  t.ok(await isSignedIn(one, 2), 'after the site has ended the session')
  t.ok(await isSignedIn(two, 2))
  t.equal(site.stats().loginsStarted, 2, 'by one more')

  const three = await startServer(t, 'server2')
  t.ok(await isSignedIn(three, 2), 'and one that comes later')
  t.equal(site.stats().loginsStarted, 2, 'by none')

  const status = await page.type(
    "NODE_EXTRA_CA_CERTS=broker.crt SESSION_BROKER_KEY='sb_…' npm run worker -- status --broker https://broker.internal:8787",
    keyOf('server1'),
  )
  t.match(status, /^shop: live, generation 2\.0/)
  t.match(status, /^ {2}server1: applied, generation 2\.0, signed_in/m)
  t.match(status, /^ {2}server2: applied, generation 2\.0/m)
})
