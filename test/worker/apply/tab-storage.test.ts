import type { OriginStorage } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { replaceTabStorage } from '../../../apps/worker/src/apply/in-page/tab-storage.ts'
import type { OwnedSites } from '../../../apps/worker/src/apply/owned-sites.ts'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { runInPage } from '../../../apps/worker/src/cdp/hidden-page.ts'
import { openChrome, openTab } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

// sessionStorage: each tab has its own, and a new one begins empty. Many tabs on a busy machine.
t.setTimeout(300_000)
const site = await openSite(t, ({ url = '' }, response) => {
  const frame = /^\/framing\?(.*)$/.exec(url)?.[1]
  const first = `<script>document.title = sessionStorage.token ?? 'none'</script>`
  response.end(`<!doctype html>${first}${frame ? `<iframe src="${frame}"></iframe>` : ''}`)
})
const chrome = await openChrome(t)

interface Given {
  previous?: OwnedSites
  session?: string
  to?: Awaited<ReturnType<typeof connectToChrome>>
}

function apply(origins: OriginStorage[], { previous, session = 'tabs', to = chrome }: Given = {}) {
  const state = { session, userAgent: to.userAgent, cookies: [], origins }
  return applySession({ chrome: to, state, previous, options: { lateLooksMs: [] } })
}

const withToken = (origin: string, token: string): OriginStorage => ({
  origin,
  localStorage: [],
  sessionStorage: [
    { name: 'token', value: token },
    { name: 'theme', value: 'dark' },
  ],
})
const entries = 'Object.entries(sessionStorage).map((entry) => entry.join("=")).sort().join()'

async function navigate(tab: Awaited<ReturnType<typeof openTab>>, url: string): Promise<void> {
  const loaded = new Promise<void>((resolve) => {
    const stop = tab.on('Page.domContentEventFired', () => {
      stop()
      resolve()
    })
  })
  await tab.send('Page.navigate', { url })
  await loaded
}

t.test('tabs that are open have the state’s at once, others from their first script on', async (t) => {
  const origin = site.at('open.localhost')
  const open = await openTab(chrome, `${origin}/app`)
  await open.evaluate(`sessionStorage.token = 'old'; sessionStorage.left = '1'`)
  site.requests.length = 0
  const result = await apply([withToken(origin, 'one')])
  t.match(result, { outcome: 'applied', partial: [] })
  const asked = site.requests.map(({ path }) => path).filter((path) => path !== '/favicon.ico')
  t.same(asked, [], 'the site hears nothing of it')
  t.equal(await open.evaluate(entries), 'theme=dark,token=one')
  const opened = await openTab(chrome, `${origin}/app`)
  t.equal(await opened.evaluate('document.title'), 'one', 'before the page’s first script')
  t.equal(await opened.evaluate(entries), 'theme=dark,token=one')
  t.equal(await (await openTab(chrome, site.at('other.localhost'))).evaluate(entries), '')
})

t.test('what a tab changes later stays, until there is a newer generation', async (t) => {
  const origin = site.at('later.localhost')
  const first = await apply([withToken(origin, 'one')])
  const [changed, away, own] = [
    await openTab(chrome, `${origin}/app`),
    await openTab(chrome, `${origin}/app`),
    await openTab(chrome, `${origin}/app`),
  ]
  await changed.evaluate(`sessionStorage.token = 'rotated'; sessionStorage.more = '1'`)
  await navigate(changed, `${origin}/next`)
  t.equal(await changed.evaluate(entries), 'more=1,theme=dark,token=rotated')
  await navigate(away, site.at('elsewhere.localhost'))
  await own.evaluate(`sessionStorage.clear(); sessionStorage.mine = 'x'`)
  await navigate(own, site.at('elsewhere.localhost'))

  t.equal((await apply([withToken(origin, 'two')], { previous: first.owned })).outcome, 'applied')
  t.equal(await changed.evaluate(entries), 'theme=dark,token=two')
  await navigate(away, `${origin}/app`)
  t.equal(await away.evaluate('document.title'), 'two', 'a tab that comes back has the newer one')
  await navigate(own, `${origin}/app`)
  t.equal(await own.evaluate(entries), 'mine=x', 'one that has something else keeps it')
  t.equal(await (await openTab(chrome, `${origin}/app`)).evaluate('document.title'), 'two')

  await changed.evaluate(`sessionStorage.token = 'rotated'`)
  await navigate(changed, `${origin}/next`)
  t.equal(await changed.evaluate('document.title'), 'rotated', 'and then changes stay again')
})

t.test('the same state once more does not forget the one before it', async (t) => {
  const origin = site.at('again.localhost')
  await apply([withToken(origin, 'one')])
  const away = await openTab(chrome, `${origin}/app`)
  await navigate(away, site.at('elsewhere.localhost'))
  for (let times = 0; times < 8; times++) await apply([withToken(origin, 'two')])
  await navigate(away, `${origin}/app`)
  t.equal(await away.evaluate('document.title'), 'two')
})

t.test('where the newer state has none any more, nothing of the former is left', async (t) => {
  const origin = site.at('gone.localhost')
  const gone = { session: 'gone' }
  const other = site.at('other-session.localhost')
  await apply([withToken(other, 'two')], { session: 'other' })
  const { owned } = await apply([withToken(origin, 'one')], gone)
  const [open, away] = [await openTab(chrome, origin), await openTab(chrome, origin)]
  await navigate(away, site.at('elsewhere.localhost'))
  t.equal((await apply([], { ...gone, previous: owned })).outcome, 'applied')
  t.equal(await open.evaluate(entries), '')
  await navigate(away, origin)
  t.equal(await away.evaluate(entries), '')
  t.equal(await (await openTab(chrome, origin)).evaluate(entries), '')
  const kept = await openTab(chrome, other)
  t.equal(await kept.evaluate('document.title'), 'two', 'another session’s stays')
})

t.test('frames of the origin in a page of the same site have it', async (t) => {
  const inner = site.at('inner.framed.localhost')
  const outer = `${site.at('framed.localhost')}/framing?${inner}`
  const framed = await openTab(chrome, outer)
  await apply([withToken(inner, 'one')], { previous: { domains: ['framed.localhost'], origins: [] } })
  const { frameTree } = await framed.send('Page.getFrameTree')
  const frameId = frameTree.childFrames?.[0]?.frame.id ?? ''
  const { executionContextId: contextId } = await framed.send('Page.createIsolatedWorld', { frameId })
  const { result } = await framed.send('Runtime.evaluate', { expression: 'sessionStorage.token', contextId })
  t.equal(result.value, 'one')
})

t.test('a tab that cannot be reached is named, and what is too large for all tabs', async (t) => {
  const origin = site.at('stuck.localhost')
  const stuck = await openTab(chrome, origin)
  stuck.evaluate('for (;;);').catch(() => {})
  const full = site.at('full.localhost')
  const large = [{ name: 'large', value: 'secret'.repeat(1_000_000) }]
  const result = await apply([
    withToken(origin, 'secret'),
    { origin: full, localStorage: [], sessionStorage: large },
  ])
  t.equal(result.outcome, 'partial')
  t.same(result.partial, [
    { origin: full, what: 'sessionStorage, which is too large' },
    { origin, what: 'sessionStorage of an open tab' },
  ])
  t.notMatch(JSON.stringify(result), /secret/)
  t.ok(result.heldMs < 10_000, 'and is not waited for without end')
  await stuck.close()
  const tab = await openTab(chrome, full)
  const one = [{ name: 'a', value: '1' }]
  t.equal(await runInPage(tab, replaceTabStorage, [...large, ...one], { timeoutMs: 3_000 }), false)
})

t.test('other contexts get nothing, and open as ever; so does all when the worker is gone', async (t) => {
  const origin = site.at('contexts.localhost')
  const worker = await connectToChrome(chrome.cdpUrl)
  await apply([withToken(origin, 'one')], { to: worker })
  const { browserContextId } = await chrome.send('Target.createBrowserContext')
  const foreign = await openTab(chrome, origin, browserContextId)
  t.equal(await foreign.evaluate('document.title'), 'none')
  t.equal(await (await openTab(chrome, origin)).evaluate('document.title'), 'one')
  worker.close()
  await worker.closed
  t.equal(await (await openTab(chrome, origin)).evaluate('document.title'), 'none')
})
