import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clientHintHeaders, type UserAgentMetadata } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { withoutHeadless } from '../../../../apps/broker/src/browser/house/client-hints.ts'
import { createBrowserLook } from '../../../../apps/broker/src/browser/look-in-browser.ts'
import { captureState } from '../../../../apps/broker/src/browser/state/capture-state.ts'
import { openHouse } from '../open-house.ts'

const { house } = await openHouse(t)

/** A site that keeps the headers it was asked with, by path; `/opens` opens a window. */
async function startSite(t: Test) {
  const asked = new Map<string, IncomingHttpHeaders>()
  const server = createServer(({ url = '', headers }, response) => {
    asked.set(url, headers)
    response.setHeader('content-type', 'text/html')
    const script = "navigator.userAgentData.getHighEntropyValues(['architecture','platformVersion'])"
    const tell = `<script>${script}.then((said) => document.title = JSON.stringify(said))</script>`
    response.end(`<!doctype html><h1>Hello</h1>${tell}`)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const hintsIn = (headers: IncomingHttpHeaders = {}) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('sec-ch-ua')))

t.test('a state tells what the site was told at the login, with no word of a headless browser', async (t) => {
  const { origin, asked } = await startSite(t)
  const signal = AbortSignal.timeout(30_000)
  const exit = { sites: [origin], isOver: () => signal.aborted }
  const state = await house.withContext({ signal, exit }, async (context, browser, page) => {
    await page.goto(`${origin}/login`)
    return captureState(browser, context, page)
  })
  const { userAgentMetadata: hints } = state
  t.ok(hints)
  if (!hints) return
  t.same(hintsIn(asked.get('/login')), clientHintHeaders(hints))
  t.equal(asked.get('/login')?.['user-agent'], state.userAgent)
  t.notMatch(JSON.stringify(state), /Headless/)
  const major = /Chrome\/(\d+)/.exec(state.userAgent)?.[1]
  t.ok(hints.brands.some(({ brand, version }) => brand === 'Chromium' && version === major))
})

const brands = [{ brand: 'Another', version: '7' }]
const theirs: UserAgentMetadata = {
  ...{ brands, fullVersionList: [{ brand: 'Another', version: '7.1' }], platform: 'Windows' },
  ...{
    platformVersion: '15.0.0',
    architecture: 'arm',
    bitness: '64',
    model: '',
    mobile: false,
    wow64: false,
  },
}

t.test('a look in the browser says what the state’s browser said, and leaves it in the state', async (t) => {
  const { origin, asked } = await startSite(t)
  const state = { userAgent: 'Mozilla/5.0 theirs', userAgentMetadata: theirs, cookies: [], origins: [] }
  const look = createBrowserLook(house)
  const request = {
    url: `${origin}/app`,
    sites: [origin],
    in: 'browser',
    signal: AbortSignal.timeout(30_000),
  } as const
  const { userAgent, userAgentMetadata } = state
  const seen = await look({ ...request, userAgent, userAgentMetadata, state })
  t.same(hintsIn(asked.get('/app')), clientHintHeaders(theirs))
  t.equal(asked.get('/app')?.['user-agent'], userAgent)
  t.match(seen.sighting.body, /"architecture":"arm".*"platformVersion":"15.0.0"/, 'pages are told as well')
  t.same([seen.state?.userAgent, seen.state?.userAgentMetadata], [userAgent, theirs])

  const old = { userAgent, cookies: [], origins: [{ origin, localStorage: [{ name: 'a', value: '1' }] }] }
  const after = await look({ ...request, userAgent, state: old })
  t.notOk(after.state?.userAgentMetadata, 'a state without any gets none')
})

t.test('a window that a page opens says the same once it is there', async (t) => {
  const { origin } = await startSite(t)
  const signal = AbortSignal.timeout(30_000)
  const options = { signal, exit: { sites: [origin], isOver: () => signal.aborted } }
  const named = { ...options, context: { userAgent: 'Mozilla/5.0 theirs' }, userAgentMetadata: theirs }
  const title = await house.withContext(named, async (context, _, page) => {
    await page.goto(`${origin}/opens`)
    const opening = context.waitForEvent('page')
    await page.evaluate(`void window.open('${origin}/opened')`)
    const opened = await opening
    for (;;) {
      signal.throwIfAborted()
      await opened.reload()
      await opened.waitForFunction(`document.title !== ''`)
      if (/"architecture":"arm"/.test(await opened.title())) break
    }
    return opened.title()
  })
  t.match(title, /"architecture":"arm"/)
})

t.test('the brand of a browser without a window is left out', async (t) => {
  const headless = [...brands, { brand: 'HeadlessChrome', version: '156' }]
  t.same(withoutHeadless({ ...theirs, brands: headless }), theirs)
  t.equal(withoutHeadless(theirs), undefined)
})
