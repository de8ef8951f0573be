import type { IssuedSession, OriginStorage } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { decoders } from '../../../apps/worker/src/apply/in-page/decode-value.ts'
import { replaceStorage, storageFunctions } from '../../../apps/worker/src/apply/in-page/replace-storage.ts'
import { databaseFunctions } from '../../../apps/worker/src/apply/in-page/restore-database.ts'
import { runInPage } from '../../../apps/worker/src/cdp/hidden-page.ts'
import { captureByPlaywright } from '../capture-by-playwright.ts'
import { openChrome, openTab, openTargets } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'
import { fillVault } from '../fill-vault.ts'

const site = await openSite(t, (request, response) => {
  if (request.url !== '/sw.js') return
  response.setHeader('content-type', 'text/javascript')
  response.end(`addEventListener('fetch', (event) => event.waitUntil(fetch('/seen-by-the-service-worker')))
    addEventListener('activate', (event) => event.waitUntil(clients.claim()))
    addEventListener('install', () => skipWaiting())`)
})
const [from, to] = [await openChrome(t), await openChrome(t)]

async function apply(origins: OriginStorage[], previous?: { domains: string[]; origins: string[] }) {
  const state: Pick<IssuedSession, 'session' | 'userAgent' | 'cookies' | 'origins'> = {
    session: 'storage',
    userAgent: to.userAgent,
    cookies: [],
    origins,
  }
  return applySession({ chrome: to, state, previous, options: { lateLooksMs: [] } })
}

const read = (expression: string) => `new Promise((resolve, reject) => {
  const request = indexedDB.open('vault')
  request.onsuccess = () => {
    const db = request.result
    const any = db.transaction('any').objectStore('any')
    const get = (key) => new Promise((found) => { const r = any.get(key); r.onsuccess = () => found(r.result) })
    Promise.resolve((async () => (${expression}))()).then(resolve, reject).finally(() => db.close())
  }
})`

t.test('localStorage and IndexedDB go from one Chrome to another exactly', async (t) => {
  const origin = site.at('vault.localhost')
  const source = await openTab(from, origin)
  await source.evaluate(fillVault)
  const captured = await captureByPlaywright(from.cdpUrl, origin)
  t.equal(captured.length, 1)

  site.requests.length = 0
  const before = await openTargets(to)
  const result = await apply(JSON.parse(JSON.stringify(captured)))
  t.match(result, { outcome: 'applied', partial: [], owned: { origins: [origin] } })
  t.same(site.requests, [], 'nothing reached the site')
  t.same(await openTargets(to), before)

  const tab = await openTab(to, origin)
  t.same(await captureByPlaywright(to.cdpUrl, origin), captured)
  const facts = `[
    (await get('date')) instanceof Date && (await get('date')).getTime(), [...(await get('bytes'))],
    (await get('buffer')) instanceof ArrayBuffer, Object.is((await get('floats'))[1], -0), (await get('bigs'))[0] === -5n,
    (await get('big')) === 123456789012345678901n, (await get('map')).get(1).has('a'), (await get('circle')).self.self.name,
    (await get('twice')).a === (await get('twice')).b, 0 in (await get('odd')) && (await get('odd')).map(String), (await get('regexp')).flags,
    (await get('error')).message, await get(new Date(7)), await get(new Uint8Array([3])), await get(['a', 1]),
    Object.is((await get('odd'))[5], -0),
  ]`
  t.same(await tab.evaluate(read(facts)), await source.evaluate(read(facts)))
})

t.test('what the new state lacks is removed: keys, databases, whole origins', async (t) => {
  const [kept, gone, other] = ['kept', 'gone', 'bystander'].map((name) => site.at(`${name}.localhost`)) as [
    string,
    string,
    string,
  ]
  for (const origin of [kept, gone, other]) {
    const tab = await openTab(to, origin)
    await tab.evaluate(fillVault)
    await tab.evaluate(`localStorage.setItem('stray', '1')`)
    await tab.close()
  }
  const untouched = await captureByPlaywright(to.cdpUrl, other)
  const result = await apply([{ origin: kept, localStorage: [{ name: 'a', value: '1' }], indexedDB: [] }], {
    domains: [],
    origins: [kept, gone],
  })
  t.equal(result.outcome, 'applied')
  t.same(await captureByPlaywright(to.cdpUrl, kept), [
    { origin: kept, localStorage: [{ name: 'a', value: '1' }], indexedDB: [] },
  ])
  t.same(await captureByPlaywright(to.cdpUrl, gone), [])
  t.same(await captureByPlaywright(to.cdpUrl, other), untouched)
})

t.test('a state that tells nothing of databases leaves them', async (t) => {
  const origin = site.at('only-local.localhost')
  const tab = await openTab(to, origin)
  await tab.evaluate(fillVault)
  await apply([{ origin, localStorage: [{ name: 'a', value: '2' }] }])
  t.same(await tab.evaluate('indexedDB.databases()'), [{ name: 'vault', version: 7 }])
  t.same(await tab.evaluate('({ ...localStorage })'), { a: '2' })
})

t.test(
  'a page that has the database open, a service worker or a dialog does not stand in the way',
  async (t) => {
    const origin = site.at('open.localhost')
    const tab = await openTab(to, origin)
    await tab.evaluate(fillVault)
    await tab.evaluate(
      `new Promise((resolve) => { const r = indexedDB.open('vault'); r.onsuccess = () => resolve(void (window.db = r.result)) })`,
    )
    await tab.evaluate(
      `navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready).then(() => {})`,
    )
    tab.send('Runtime.evaluate', { expression: 'alert(1)' }).catch(() => {})
    const stores = [{ name: 's', autoIncrement: false, indexes: [], records: [{ key: 'k', value: 'v' }] }]
    const indexedDB = [{ name: 'vault', version: 1, stores }]
    const wanted = { origin, localStorage: [{ name: 'from', value: 'the state' }], indexedDB }
    const result = await apply([wanted])
    t.match(result, { outcome: 'applied', partial: [] })
    await tab.send('Page.handleJavaScriptDialog', { accept: true })
    t.match(await captureByPlaywright(to.cdpUrl, origin), [wanted])
    t.ok(
      site.requests.some(({ path }) => path === '/seen-by-the-service-worker'),
      'as it does of a page',
    )
  },
)

t.test('a database that stays open in a page is waited for a moment, then named', async (t) => {
  const origin = site.at('kept-open.localhost')
  const keeper = await openTab(to, origin)
  await keeper.evaluate(fillVault)
  await keeper.evaluate(
    `new Promise((resolve) => { indexedDB.open('vault').onsuccess = (event) => resolve(void (window.db = event.target.result)) })`,
  )
  const stores = [{ name: 's', autoIncrement: false, indexes: [], records: [] }]
  const indexedDB = [
    { name: 'vault', version: 9, stores },
    { name: 'other', version: 1, stores },
  ]
  const storage = { origin, localStorage: [{ name: 'a', value: '1' }], indexedDB, waitMs: 100 }
  const alongside = [...storageFunctions, ...databaseFunctions, ...decoders]
  // Another page of the origin, without the closing by force that comes first otherwise.
  const page = await openTab(to, origin)
  t.same(await runInPage(page, replaceStorage, storage, { timeoutMs: 3_000, alongside }), ['IndexedDB vault'])
  t.same(await keeper.evaluate('localStorage.a'), '1')
})

t.test('names what could not be replaced, and replaces the rest', async (t) => {
  const origin = site.at('partial.localhost')
  const record = { key: 'k', valueEncoded: { unheardOf: 'secret' } }
  const stores = [{ name: 's', autoIncrement: false, indexes: [], records: [record] }]
  const result = await apply([
    {
      origin,
      localStorage: [{ name: 'large', value: 'x'.repeat(6_000_000) }],
      indexedDB: [
        { name: 'unknown', version: 1, stores },
        { name: 'fine', version: 2, stores: [] },
      ],
    },
    { origin: 'http://no such host', localStorage: [] },
  ])
  t.equal(result.outcome, 'partial')
  t.same(result.partial, [
    { origin, what: 'localStorage' },
    { origin, what: 'IndexedDB unknown' },
    { origin: 'http://no such host', what: 'all storage' },
  ])
  t.notMatch(JSON.stringify(result), /secret/)
  const tab = await openTab(to, origin)
  t.match(await tab.evaluate('indexedDB.databases()'), [{ name: 'fine', version: 2 }])
})
