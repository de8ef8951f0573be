import { findChrome } from '@session-broker/chrome'
import { contextOptions, keepSignedIn, putInto, storageStateOf } from '@session-broker/client/playwright'
import type { Cookie } from '@session-broker/shared'
import { type BrowserContext, chromium } from 'playwright'
import t from 'tap'
import { keepIn, openContextContract, tokenOf } from './open-context-contract.ts'
import { cookie, generationOf, startBusySite, token, wholeState } from './open-contexts.ts'
import { startPlainSite } from './plain-site.ts'
import { issued, until } from './scripted-broker.ts'

t.setTimeout(300_000)
const browser = await chromium.launch({ executablePath: (await findChrome()).path })
t.teardown(() => browser.close())
const site = await startBusySite()
t.teardown(() => site.close())

const newContext = () => browser.newContext()
const keep = keepIn({ newContext, keepSignedIn })
openContextContract({
  ...{ site, newContext, keepSignedIn, putInto },
  setCookies: (context, cookies) => context.addCookies(cookies),
  async newInterceptedPage(context) {
    const page = await context.newPage()
    await page.route('**', (route) => route.continue())
    return page
  },
  beforeCookies: (context, happens) =>
    Object.create(context, {
      addCookies: {
        async value(cookies: Parameters<BrowserContext['addCookies']>[0]) {
          await happens()
          await context.addCookies(cookies)
        },
      },
    }),
})

/** As Chrome itself tells them. */
async function chromeCookies(context: BrowserContext): Promise<Record<string, unknown>[]> {
  const page = await context.newPage()
  const onPage = await context.newCDPSession(page)
  const { targetInfo } = await onPage.send('Target.getTargetInfo')
  const cdp = await browser.newBrowserCDPSession()
  const { browserContextId } = targetInfo
  const { cookies } = await cdp.send('Storage.getCookies', browserContextId ? { browserContextId } : {})
  await cdp.detach()
  await page.close()
  return cookies as unknown as Record<string, unknown>[]
}

t.test('a new context begins with the session, its user agent, partitions and databases', async (t) => {
  const expires = Math.floor(Date.now() / 1000) + 1_000_000.25
  const secure = { secure: true, domain: 'shop.localhost' }
  const cookies: Cookie[] = [
    cookie({ name: 'unset' }),
    cookie({ name: 'strict', sameSite: 'Strict', expires }),
    cookie({ name: 'wide', domain: '.shop.localhost' }),
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
  const store = {
    name: 'tokens',
    autoIncrement: false,
    indexes: [],
    records: [{ key: 'access', value: 'gen1' }],
  }
  const databases = [{ name: 'auth', version: 1, stores: [store] }]
  const origins = [{ origin: site.url, localStorage: token(1), indexedDB: databases }]
  const session = issued(1, { userAgent: 'Mozilla/5.0 Chrome/156.0.0.0', cookies, origins })
  const context = await browser.newContext(contextOptions(session))
  t.teardown(() => context.close())
  const held = new Map((await chromeCookies(context)).map((each) => [each.name, each]))
  t.equal(held.size, 5)
  t.equal(held.get('unset')?.sameSite, undefined)
  t.match(held.get('strict'), {
    sameSite: 'Strict',
    expires,
    httpOnly: true,
    secure: false,
  })
  t.match(held.get('wide'), { domain: '.shop.localhost' })
  t.match(held.get('own')?.partitionKey, {
    topLevelSite: 'https://shop.localhost',
    hasCrossSiteAncestor: false,
  })
  t.match(held.get('embedded')?.partitionKey, {
    topLevelSite: 'https://portal.example',
    hasCrossSiteAncestor: true,
  })
  t.equal(await tokenOf(context, site), 'gen1')
  const page = await context.newPage()
  await page.goto(site.url)
  t.equal(await page.evaluate('navigator.userAgent'), session.userAgent)
  const read = `new Promise((resolve) => {
    indexedDB.open('auth').onsuccess = ({ target: { result } }) => {
      result.transaction('tokens').objectStore('tokens').get('access').onsuccess = (event) => resolve(event.target.result)
    }
  })`
  t.equal(await page.evaluate(read), 'gen1')
  const again = await context.storageState({ indexedDB: true })
  t.same(again.origins, storageStateOf(session).origins, 'and Playwright writes them out as they came')
})

t.test('a context that was made with the state is left as it is until there is a newer one', async (t) => {
  const first = wholeState(1, site.url)
  const { context, become } = await keep(t, first, { from: first }, () =>
    browser.newContext(contextOptions(first)),
  )
  await context.addCookies([{ name: 'c3', value: 'set since', domain: '127.0.0.1', path: '/' }])
  t.equal((await context.cookies()).find(({ name }) => name === 'c3')?.value, 'set since')
  await become(wholeState(2, site.url))
  t.equal((await context.cookies()).find(({ name }) => name === 'c3')?.value, 'gen2')
})

t.test('open pages of the session are reloaded where that is wanted', async (t) => {
  const { context, become } = await keep(t, wholeState(1, site.url), { reload: true })
  const page = await context.newPage()
  await page.goto(site.url)
  const asked = () => site.seen.filter(({ path }) => path === '/').length
  const before = asked()
  await become(wholeState(2, site.url))
  await until(() => asked() === before + 1, 60_000)
  await page.waitForFunction("document.title === 'quiet' && localStorage.getItem('token') === 'gen2'")
})

t.test('a page that can’t be loaded again is told, and the state is in all the same', async (t) => {
  let isThere = true
  const fickle = await startPlainSite((response) => {
    if (isThere) response.writeHead(200, { 'content-type': 'text/html' }).end('<title>here</title>')
    else response.destroy()
  })
  t.teardown(() => fickle.close())
  const { context, become, troubles } = await keep(t, wholeState(1, site.url), { reload: true })
  await (await context.newPage()).goto(fickle.url)
  isThere = false
  await become(wholeState(2, site.url))
  t.same(troubles, [`could not be replaced in the open context: the open page at ${fickle.url}`])
  await become(wholeState(3, site.url))
})

t.test('a state with a cookie that no browser takes changes nothing, and is told by name', async (t) => {
  const { broker, context, kept, troubles } = await keep(t, wholeState(1, site.url))
  const bad = [cookie({ name: 'c0', value: 'gen2' }), cookie({ name: '__Secure-a', value: 'secret-value' })]
  broker.publish(wholeState(2, site.url, { cookies: bad }))
  await until(() => troubles.length > 0, 60_000)
  t.match(troubles[0], /__Secure-a of 127\.0\.0\.1/)
  t.notMatch(troubles[0], 'secret-value')
  t.equal(generationOf(kept), 1)
  t.same([...new Set((await context.cookies()).map(({ value }) => value))], ['gen1'])
  broker.publish(wholeState(3, site.url))
  await until(() => generationOf(kept) === 3)
})

t.test('what it can’t replace in an open context is told', async (t) => {
  const { become, troubles } = await keep(t, wholeState(1, site.url))
  const origins = [
    { origin: site.url, localStorage: token(2), indexedDB: [{ name: 'auth', version: 1, stores: [] }] },
  ]
  await become(wholeState(2, site.url, { origins }))
  t.same(troubles, [`could not be replaced in the open context: IndexedDB of ${site.url}`])
})

t.test('it ends with the context, with its signal, and when it is closed', async (t) => {
  const stop = new AbortController()
  const one = await keep(t, wholeState(1, site.url))
  const two = await keep(t, wholeState(1, site.url), { signal: stop.signal })
  const three = await keep(t, wholeState(1, site.url))
  await one.context.close()
  stop.abort()
  await three.kept.close()
  for (const { broker } of [one, two, three]) await until(() => broker.streams() === 0, 60_000)
  t.same(one.troubles, [])
  three.broker.publish(wholeState(2, site.url))
  t.equal(generationOf(three.kept), 1)
})

t.test('a context that somebody else made is signed in once', async (t) => {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  await putInto(context, wholeState(5, site.url))
  t.equal((await context.cookies()).length, 40)
  t.equal(await tokenOf(context, site), 'gen5')
  t.equal(context.pages().length, 0, 'no page is left')
})
