import { launchChrome } from '@session-broker/chrome'
import { keepSignedIn, type PuppeteerContext, putInto, userAgentOf } from '@session-broker/client/puppeteer'
import type { Cookie } from '@session-broker/shared'
import puppeteer, { type BrowserContext } from 'puppeteer-core'
import t from 'tap'
import { keepIn, openContextContract, tokenOf } from './open-context-contract.ts'
import { cookie, startBusySite, token, wholeState } from './open-contexts.ts'
import { issued } from './scripted-broker.ts'

t.setTimeout(300_000)
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const browser = await puppeteer.connect({ browserURL: chrome.cdpUrl, protocolTimeout: 120_000 })
t.teardown(() => browser.disconnect())
const site = await startBusySite()
t.teardown(() => site.close())

const newContext = () => browser.createBrowserContext()
const keep = keepIn({ newContext, keepSignedIn })
openContextContract({
  ...{ site, newContext, keepSignedIn, putInto },
  setCookies: (context, cookies) => context.setCookie(...cookies),
  async newInterceptedPage(context) {
    const page = await context.newPage()
    await page.setRequestInterception(true)
    page.on('request', (request) => request.continue())
    return page
  },
  beforeCookies: (context, happens) =>
    Object.create(context, {
      setCookie: {
        async value(...cookies: Parameters<BrowserContext['setCookie']>) {
          await happens()
          await context.setCookie(...cookies)
        },
      },
      // What keeps private state is asked itself.
      cookies: { value: () => context.cookies() },
      pages: { value: () => context.pages() },
      newPage: { value: () => context.newPage() },
    }),
})

t.test('a browser is signed in with every attribute of every cookie, and localStorage', async (t) => {
  const expires = Math.floor(Date.now() / 1000) + 1_000_000.25
  const secure = { secure: true, domain: 'shop.localhost', priority: 'High', sourceScheme: 'Secure' } as const
  const cookies: Cookie[] = [
    cookie({ name: 'unset', priority: 'Medium', sourceScheme: 'NonSecure', sourcePort: 8080 }),
    cookie({
      name: 'strict',
      sameSite: 'Strict',
      expires,
      priority: 'Low',
      sourceScheme: 'Unset',
      sourcePort: -1,
    }),
    cookie({
      name: 'own',
      partitionKey: 'https://shop.localhost',
      _crHasCrossSiteAncestor: false,
      ...secure,
    }),
    cookie({
      name: 'embedded',
      partitionKey: 'https://portal.example',
      _crHasCrossSiteAncestor: true,
      ...secure,
    }),
  ]
  await putInto(browser, issued(1, { cookies, origins: [{ origin: site.url, localStorage: token(1) }] }))
  const context = browser.defaultBrowserContext()
  const held = new Map((await context.cookies()).map((each) => [each.name, each]))
  t.equal(held.size, 4)
  t.match(held.get('unset'), {
    priority: 'Medium',
    sourceScheme: 'NonSecure',
    sourcePort: 8080,
    httpOnly: true,
  })
  t.equal(held.get('unset')?.sameSite, undefined)
  t.match(held.get('strict'), { sameSite: 'Strict', expires, priority: 'Low', session: false })
  const keyOf = (name: string) => held.get(name)?.partitionKey
  t.same(keyOf('own'), { sourceOrigin: 'https://shop.localhost', hasCrossSiteAncestor: false })
  t.same(keyOf('embedded'), { sourceOrigin: 'https://portal.example', hasCrossSiteAncestor: true })
  t.equal(await tokenOf(context, site), 'gen1')
})

t.test('open pages of the session are reloaded where that is wanted', async (t) => {
  const { context, become } = await keep(t, wholeState(1, site.url), { reload: true })
  const page = await context.newPage()
  await page.goto(site.url)
  const asked = () => site.seen.filter(({ path }) => path === '/').length
  const before = asked()
  await become(wholeState(2, site.url))
  t.equal(asked(), before + 1)
  t.equal(await page.evaluate("localStorage.getItem('token')"), 'gen2')
})

t.test(
  'a page that can’t be held back lets the others go; one that has closed holds up nothing',
  async (t) => {
    const context = await browser.createBrowserContext()
    t.teardown(() => context.close())
    const page = await context.newPage()
    await page.goto(site.url)
    let isClosed = false
    const broken = Object.create(page, {
      isClosed: { value: () => isClosed },
      createCDPSession: { value: () => Promise.reject(new Error('no session to be had')) },
    })
    const withBroken: PuppeteerContext = {
      cookies: () => context.cookies(),
      setCookie: (...cookies) => context.setCookie(...cookies),
      newPage: () => context.newPage(),
      pages: async () => [page, broken],
    }
    await t.rejects(putInto(withBroken, wholeState(1, site.url)), { message: 'no session to be had' })
    t.equal((await context.cookies()).length, 0)
    t.equal(await page.evaluate("fetch('/').then(({ status }) => status)"), 200)
    isClosed = true
    await putInto(withBroken, wholeState(2, site.url))
    t.equal((await context.cookies()).length, 40)
    t.equal(await page.evaluate("fetch('/').then(({ status }) => status)"), 200)
  },
)

t.test('a page says what the session’s browser says', async (t) => {
  const context = await browser.createBrowserContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const userAgentMetadata = {
    brands: [{ brand: 'Chromium', version: '1' }],
    fullVersionList: [{ brand: 'Chromium', version: '1.2' }],
    ...{ platform: 'Plan 9', platformVersion: '4', architecture: 'x86', bitness: '64' },
    ...{ model: '', mobile: false, wow64: false },
  }
  await page.setUserAgent(
    userAgentOf(issued(1, { userAgent: 'Mozilla/5.0 of-the-session', userAgentMetadata })),
  )
  await page.goto(site.url)
  t.match(site.seen.at(-1)?.headers, {
    'user-agent': 'Mozilla/5.0 of-the-session',
    'sec-ch-ua-platform': '"Plan 9"',
  })
})
