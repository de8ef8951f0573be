import type { Cookie, OriginStorage } from '@session-broker/shared'
import { type Browser, chromium } from 'playwright'
import puppeteer from 'puppeteer-core'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { createEveryContext, type EveryContextOptions } from '../../../apps/worker/src/apply/every-context.ts'
import type { CdpSession } from '../../../apps/worker/src/cdp/cdp-session.ts'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { times } from '../../times.ts'
import { openChrome, openTab } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

// Contexts that programs make for themselves hold the session before their first page asks for anything.
t.setTimeout(600_000)
const host = 'shop.localhost'
const site = await openSite(t, ({ url }, response) => {
  if (url === '/favicon.ico') response.writeHead(404).end()
  if (url?.startsWith('/page')) response.end(page)
})
/** What the page's first script finds, and a request of its own. */
const page = `<!doctype html><title>-</title><script>
  document.title = [localStorage.token, sessionStorage.tab].join()
  fetch('/from-script')
</script>`
const chrome = await openChrome(t)
const origin = site.at(host)

function cookiesOf(generation: number): Cookie[] {
  return Array.from({ length: 10 }, (_, index) => ({
    name: `c${index}`,
    value: String(generation),
    domain: host,
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: false,
  }))
}

function storageOf(generation: number): OriginStorage[] {
  const entry = (name: string) => [{ name, value: `${generation}` }]
  return [{ origin, localStorage: entry('token'), sessionStorage: entry('tab') }]
}

interface Teardown {
  teardown(end: () => unknown): unknown
}

/** A worker of its own, with a way to put a generation in. */
async function openWorker(t: Teardown, options: EveryContextOptions = {}) {
  const connection = await connectToChrome(chrome.cdpUrl, { timeoutMs: 30_000 })
  t.teardown(connection.close)
  const contexts = createEveryContext(connection, { pageMs: 120_000, ...options })
  return {
    contexts,
    connection,
    async apply(generation: number, origins: OriginStorage[] = []) {
      const { userAgent } = connection
      const state = { session: 'shop', userAgent, cookies: cookiesOf(generation), origins }
      const result = await applySession({ chrome: connection, state, options: { contexts, lateLooksMs: [] } })
      contexts.arrived('shop')
      return result
    },
  }
}

async function openPlaywright(t: Teardown): Promise<Browser> {
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  t.teardown(() => browser.close())
  return browser
}

/** Resolves when a context that some program has made has a page. */
async function pageInContext({ send }: CdpSession): Promise<void> {
  for (;;) {
    const { browserContextIds } = await send('Target.getBrowserContexts')
    const { targetInfos } = await send('Target.getTargets')
    if (targetInfos.some(({ browserContextId: id }) => browserContextIds.includes(id ?? ''))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What the site was asked without exactly this generation. */
function without(generation: number): string[] {
  const isWhole = (cookies: Map<string, string>) =>
    [...cookies].filter(([name, value]) => /^c\d$/.test(name) && value === String(generation)).length ===
      10 && cookies.size === 10
  return site.requests
    .filter(({ cookies }) => !isWhole(cookies))
    .map(({ path, cookies }) => `${path} ${cookies.size}: ${[...new Set(cookies.values())]}`)
}

t.beforeEach(() => {
  site.requests.length = 0
})

/** So many, five at a time. */
async function fiveAtATime(count: number, one: (url: string) => Promise<void>): Promise<void> {
  const urls = Array.from({ length: count }, (_, index) => `${origin}/page-${index}`)
  const next = async () => {
    for (let url = urls.pop(); url !== undefined; url = urls.pop()) await one(url)
  }
  await Promise.all([next(), next(), next(), next(), next()])
}

const many = times(15)

t.test(`${many} contexts of Playwright`, async (t) => {
  const worker = await openWorker(t)
  await worker.contexts.expect('shop')
  t.equal((await worker.apply(1)).outcome, 'applied')
  const browser = await openPlaywright(t)
  await fiveAtATime(many, async (url) => {
    const context = await browser.newContext()
    await (await context.newPage()).goto(url, { timeout: 120_000 })
    await context.close()
  })
  t.ok(site.requests.length >= many, `${site.requests.length} requests`)
  t.same(without(1), [])
})

t.test('the same for Puppeteer, which makes them in its own way', async (t) => {
  const worker = await openWorker(t)
  await worker.contexts.expect('shop')
  await worker.apply(2)
  const browser = await puppeteer.connect({ browserURL: chrome.cdpUrl, protocolTimeout: 120_000 })
  t.teardown(() => browser.disconnect())
  await fiveAtATime(many, async (url) => {
    const context = await browser.createBrowserContext()
    await (await context.newPage()).goto(url, { timeout: 120_000 })
    await context.close()
  })
  t.ok(site.requests.length >= many, `${site.requests.length} requests`)
  t.same(without(2), [])
})

t.test('context and navigation within a millisecond; storage before the first script', async (t) => {
  const worker = await openWorker(t)
  await worker.contexts.expect('shop')
  t.match(await worker.apply(3, storageOf(3)), { outcome: 'applied' })
  const other = await connectToChrome(chrome.cdpUrl)
  t.teardown(other.close)
  for (let index = 0; index < times(5); index++) {
    const { browserContextId } = await other.send('Target.createBrowserContext')
    const tab = openTab(other, `${origin}/page`, browserContextId)
    t.equal(await (await tab).evaluate('document.title'), '3,3')
    await other.send('Target.disposeBrowserContext', { browserContextId })
  }
  t.same(without(3), [])
})

t.test('what the context’s user has put in is replaced; popups have it too', async (t) => {
  const worker = await openWorker(t)
  await worker.contexts.expect('shop')
  await worker.apply(4, storageOf(4))
  const browser = await openPlaywright(t)
  const cookie = (name: string, domain: string) => ({
    ...{ name, value: 'mine', domain, path: '/', expires: -1 },
    ...{ httpOnly: false, secure: false, sameSite: 'Lax' as const },
  })
  const cookies = [cookie('c1', host), cookie('mine', host), cookie('other', 'other.localhost')]
  const origins = [{ origin, localStorage: [{ name: 'token', value: 'mine' }] }]
  const context = await browser.newContext({ storageState: { cookies, origins } })
  const tab = await context.newPage()
  await tab.goto(`${origin}/page`)
  t.equal(await tab.title(), '4,4')
  const [popup] = await Promise.all([
    context.waitForEvent('page'),
    tab.evaluate(`void window.open('${origin}/page-popup')`),
  ])
  await popup.waitForLoadState()
  t.equal(await popup.title(), '4,4')
  t.same(without(4), [])
  t.match(await context.cookies(site.at('other.localhost')), [{ name: 'other', value: 'mine' }])
})

t.test('a new generation goes into every context at once, however they come and go', async (t) => {
  const worker = await openWorker(t)
  await worker.contexts.expect('shop')
  await worker.apply(5, storageOf(5))
  const browser = await openPlaywright(t)
  const contexts = await Promise.all([browser.newContext(), browser.newContext(), browser.newContext()])
  const tabs = await Promise.all(contexts.map((context) => context.newPage()))
  await Promise.all(tabs.map((tab) => tab.goto(`${origin}/page`)))
  // One that has no page at the moment, and one that nobody has used yet.
  await tabs[1]?.close()
  const unused = await browser.newContext()
  let isOver = false
  const comeAndGo = async () => {
    while (!isOver) {
      const context = await browser.newContext()
      await (await context.newPage()).goto(`${origin}/page`, { timeout: 60_000 })
      await context.close()
    }
  }
  const traffic = [comeAndGo(), comeAndGo()]
  for (let generation = 6; generation <= 10; generation++)
    t.match(await worker.apply(generation, storageOf(generation)), { outcome: 'applied', partial: [] })
  isOver = true
  await Promise.all(traffic)
  const torn = site.requests.filter(
    ({ cookies }) => new Set(cookies.values()).size !== 1 || cookies.size !== 10,
  )
  t.same(torn, [], `none of ${site.requests.length} requests`)

  site.requests.length = 0
  for (const context of [...contexts, unused]) {
    const tab = await context.newPage()
    await tab.goto(`${origin}/page`)
    t.equal(await tab.title(), '10,10')
  }
  t.same(without(10), [])
})

t.test('without a state pages wait for it, but not for ever', async (t) => {
  const reasons: string[] = []
  const worker = await openWorker(t, { stateMs: 3_000, onLetGo: (reason) => reasons.push(reason) })
  await worker.contexts.expect('shop')
  const browser = await openPlaywright(t)
  const context = await browser.newContext()
  const tab = await context.newPage()
  await tab.goto(`${origin}/page`)
  t.same(reasons, ['there is no state of shop yet'])
  t.same(await context.cookies(origin), [])
  t.equal((await worker.apply(16)).outcome, 'applied', 'it is in when there is one')
  site.requests.length = 0
  await tab.reload()
  t.same(without(16), [])
  t.same(reasons, ['there is no state of shop yet'])
})

t.test('pages wait for a state that is on its way', async (t) => {
  const worker = await openWorker(t, { stateMs: 120_000 })
  await worker.contexts.expect('shop')
  const browser = await openPlaywright(t)
  const context = await browser.newContext()
  const isHeld = pageInContext(worker.connection)
  const gone = context.newPage().then((tab) => tab.goto(`${origin}/page`))
  await isHeld
  await worker.apply(17)
  await gone
  t.same(without(17), [])
})

t.test('contexts that have no page are left alone, and all of them by default', async (t) => {
  const worker = await openWorker(t)
  await worker.contexts.expect('shop')
  const { browserContextId } = await chrome.send('Target.createBrowserContext')
  await worker.apply(18)
  const { cookies } = await chrome.send('Storage.getCookies', { browserContextId })
  t.same(cookies, [])
  worker.connection.close()

  const browser = await openPlaywright(t)
  const context = await browser.newContext()
  const state = { session: 'shop', userAgent: chrome.userAgent, cookies: cookiesOf(19), origins: [] }
  await (await context.newPage()).goto(`${origin}/page`)
  t.equal((await applySession({ chrome, state, options: { lateLooksMs: [] } })).outcome, 'applied')
  t.same(await context.cookies(origin), [])
})
