import { highEntropyHints } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { captureSession } from '../../../apps/worker/src/capture/capture-session.ts'
import { captureByPlaywright } from '../capture-by-playwright.ts'
import { openChrome, openTab, openTargets } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'
import { fillVault } from '../fill-vault.ts'

const site = await openSite(t, ({ url = '', headers }, response) => {
  const [host = ''] = (headers.host ?? '').split(':')
  if (url === '/sign-in') {
    response.setHeader('set-cookie', [
      `sid=of-${host}; HttpOnly; SameSite=Lax; Path=/`,
      'seen=1; Max-Age=100000; Path=/account; Priority=High',
      'parted=1; Secure; SameSite=None; Partitioned; Path=/',
      ...(host === 'www.shop.localhost' ? ['wide=1; Domain=shop.localhost'] : []),
    ])
  }
  const frame = /^\/framing\?(.*)$/.exec(url)?.[1]
  if (frame) response.end(`<!doctype html><iframe src="${frame}"></iframe>`)
})
const [from, to] = [await openChrome(t), await openChrome(t)]

const names = (cookies: { name: string; domain: string }[]) =>
  cookies.map(({ name, domain }) => `${name} ${domain}`).sort()

t.test('cookies of the session’s sites are taken whole, others are left', async (t) => {
  for (const host of ['www.shop.localhost', 'shop.localhost', 'other.localhost', 'login.localhost'])
    await openTab(from, `${site.at(host)}/sign-in`)
  const url = site.at('www.shop.localhost')
  const { state, lost, landedUrl } = await captureSession(from, { sites: ['shop.localhost'], urls: [url] })
  t.same(names(state.cookies), [
    'parted shop.localhost',
    'parted www.shop.localhost',
    'seen shop.localhost',
    'seen www.shop.localhost',
    'sid shop.localhost',
    'sid www.shop.localhost',
    'wide .shop.localhost',
  ])
  t.match(
    state.cookies.find(({ name, domain }) => name === 'sid' && domain === 'www.shop.localhost'),
    { value: 'of-www.shop.localhost', httpOnly: true, sameSite: 'Lax', expires: -1, sourcePort: site.port },
  )
  t.match(
    state.cookies.find(({ name }) => name === 'parted'),
    { partitionKey: 'http://shop.localhost', secure: true },
  )
  t.equal(state.userAgent, from.userAgent)
  const page = await openTab(from, site.at('shop.localhost'))
  const said = await page.evaluate(
    `navigator.userAgentData.getHighEntropyValues(${JSON.stringify(highEntropyHints)})`,
  )
  t.same(state.userAgentMetadata, said, 'with the client hints that sites are told')
  t.match(state.userAgentMetadata, { platform: /\w/, architecture: /\w/, mobile: false })
  t.match(landedUrl, /shop\.localhost:\d+\/sign-in$/)
  t.same(lost, [])
  const also = await captureSession(from, { sites: ['shop.localhost', 'login.localhost'], urls: [url] })
  t.ok(names(also.state.cookies).includes('sid login.localhost'))
  t.notOk(names(also.state.cookies).includes('sid other.localhost'))
})

t.test('storage is taken of pages, of frames in them, and of the hosts of cookies', async (t) => {
  const at = (host: string) => site.at(`${host}.kept.localhost`)
  const remember = (name: string) => `localStorage.setItem('name', '${name}')`
  const framed = await openTab(from, at('framed'))
  await framed.evaluate(remember('framed'))
  await framed.close()
  const closed = await openTab(from, `${at('closed')}/sign-in`)
  await closed.evaluate(remember('closed'))
  await closed.close()
  const top = await openTab(from, `${at('top')}/framing?${at('framed')}`)
  await top.evaluate(remember('top'))
  site.requests.length = 0
  const before = await openTargets(from)
  const { state } = await captureSession(from, {
    sites: ['kept.localhost'],
    urls: [at('top'), 'http://elsewhere.localhost/'],
  })
  t.same(
    state.origins.map(({ origin, localStorage }) => [origin, localStorage[0]?.value]).sort(),
    ['closed', 'framed', 'top'].map((name) => [at(name), name]),
  )
  const heard = site.requests.filter(({ path }) => path !== '/favicon.ico')
  t.same(heard, [], 'the site hears nothing of it')
  t.same(await openTargets(from), before)
})

t.test('what is open in another context is none of it', async (t) => {
  const url = site.at('apart.localhost')
  const { browserContextId } = await from.send('Target.createBrowserContext', { disposeOnDetach: true })
  await from.send('Target.createTarget', { url: `${url}/sign-in`, browserContextId })
  const isOpen = async () => {
    const { targetInfos } = await from.send('Target.getTargets')
    return targetInfos.some((target) => target.url === `${url}/sign-in`)
  }
  while (!(await isOpen())) await new Promise((resolve) => setTimeout(resolve, 20))
  const wish = { sites: ['apart.localhost'], urls: [url] }
  const { state, landedUrl } = await captureSession(from, wish)
  t.same([state.cookies, state.origins, landedUrl], [[], [], undefined])
  await openTab(from, `${url}/here`)
  t.equal((await captureSession(from, wish)).landedUrl, `${url}/here`)
  await from.send('Target.disposeBrowserContext', { browserContextId })
})

t.test(
  'IndexedDB is taken as Playwright takes it, goes into another Chrome, and is the same there',
  async (t) => {
    const origin = site.at('vault.localhost')
    const source = await openTab(from, origin)
    await source.evaluate(fillVault)
    const capture = async (chrome: typeof from) => {
      const { state, lost } = await captureSession(chrome, { sites: ['vault.localhost'], urls: [origin] })
      t.same(lost, [])
      return state
    }
    const taken = await capture(from)
    t.same(taken.origins, await captureByPlaywright(from.cdpUrl, origin))

    const state = { session: 'vault', ...taken }
    const applied = await applySession({ chrome: to, state, options: { lateLooksMs: [] } })
    t.equal(applied.outcome, 'applied')
    t.same((await capture(to)).origins, taken.origins)
    t.same((await capture(from)).origins, taken.origins, 'and nothing has changed where it came from')
  },
)

t.test('what JSON would change is encoded, and what has no form is named', async (t) => {
  const origin = site.at('odd.localhost')
  const tab = await openTab(from, origin)
  await tab.evaluate(`new Promise((resolve, reject) => {
    const request = indexedDB.open('odd', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('any')
    request.onsuccess = async () => {
      const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
      const tx = request.result.transaction('any', 'readwrite')
      const shared = { a: 1 }
      tx.objectStore('any').add(-0, 'zero')
      tx.objectStore('any').add({ one: shared, two: shared }, 'twice')
      tx.objectStore('any').add({ key }, 'key')
      tx.oncomplete = () => { request.result.close(); resolve() }
      tx.onabort = () => reject(tx.error)
    }
  })`)
  const { state, lost } = await captureSession(from, { sites: ['odd.localhost'], urls: [origin] })
  t.same(lost, [`CryptoKey in IndexedDB odd of ${origin}`])
  const records = state.origins[0]?.indexedDB?.[0]?.stores[0]?.records ?? []
  const encoded = (key: string) => records.find((record) => record.key === key)?.valueEncoded
  t.same(encoded('zero'), { v: '-0' })
  t.match(encoded('twice'), {
    o: [
      { k: 'one', v: { id: 2 } },
      { k: 'two', v: { ref: 2 } },
    ],
  })
})
