import type { Cookie } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { cookieJar } from '../../../apps/worker/src/apply/chrome-cookies.ts'
import { prepareHold } from '../../../apps/worker/src/apply/hold-requests.ts'
import { ownedSites } from '../../../apps/worker/src/apply/owned-sites.ts'
import { replaceCookies } from '../../../apps/worker/src/apply/replace-cookies.ts'
import { times } from '../../times.ts'
import { openChrome, openTab } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

const loop = (path: string) =>
  `(async () => { for (;;) { await fetch('${path}').catch(() => {}); await new Promise((go) => setTimeout(go, 10)) } })()`
const site = await openSite(t, (request, response) => {
  const script = { '/worker.js': loop('/from-worker'), '/sw.js': loop('/from-service-worker') }[
    request.url ?? ''
  ]
  if (script) response.setHeader('content-type', 'text/javascript').end(script)
  if (request.url === '/load') response.end(load)
  if (request.url === '/frame') response.end(`<script>${loop('/from-frame')}</script>`)
})
const load = `<!doctype html><script>
  ${loop('/from-page')}
  new Worker('/worker.js')
  navigator.serviceWorker.register('/sw.js')
</script><iframe src="${site.at('frame.load.localhost')}/frame"></iframe>`

const chrome = await openChrome(t)
const nowSeconds = () => Date.now() / 1_000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A hundred cookies that all tell their generation; every other one has a name that the next does not know. */
function cookiesOf(generation: number): Cookie[] {
  return Array.from({ length: 100 }, (_, index) => ({
    name: `c${index}${index % 2 === 0 ? '' : `-${generation % 2}`}`,
    value: String(generation),
    domain: '.load.localhost',
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: false,
  }))
}

/** The generations that a request's cookies are from, and whether it has all of one. */
function isWhole({ cookies }: { cookies: Map<string, string> }): boolean {
  return cookies.size === 100 && new Set(cookies.values()).size === 1
}

const carriers = () =>
  site.requests.filter(({ host, path }) => host.endsWith('load.localhost') && path.startsWith('/from-'))

t.test('under load', async (t) => {
  const set = (generation: number) =>
    replaceCookies({
      jar: cookieJar(chrome, {}),
      wanted: cookiesOf(generation),
      owned: ownedSites({ cookies: cookiesOf(generation), origins: [] }),
      nowSeconds,
    })
  await set(1)
  for (const host of ['load.localhost', 'www.load.localhost']) await openTab(chrome, `${site.at(host)}/load`)
  const kinds = ['/from-page', '/from-worker', '/from-service-worker', '/from-frame']
  while (!kinds.every((kind) => carriers().some(({ path }) => path === kind))) await pause(20)

  // First: once held, a page's requests pass through the browser's own process, which alone makes tearing rare.
  await t.test('without the hold some do', async (t) => {
    site.requests.length = 0
    let generation = 2
    while (generation < 200 && carriers().every(isWhole)) await set(generation++)
    const torn = carriers().filter((request) => !isWhole(request)).length
    t.ok(torn > 0, `${torn} of ${carriers().length} requests in ${generation - 2} generations`)
  })

  await t.test('no request carries a mix of two generations, or nothing', async (t) => {
    // What the control tore is still on its way.
    await pause(500)
    site.requests.length = 0
    const changes = times(15)
    for (let generation = 201; generation < 201 + changes; generation++) {
      const state = {
        session: 'load',
        userAgent: chrome.userAgent,
        cookies: cookiesOf(generation),
        origins: [],
      }
      const result = await applySession({
        chrome,
        state,
        options: { lateLooksMs: [], reloadPages: generation % 2 === 0 },
      })
      if (result.outcome !== 'applied') t.fail(`generation ${generation} is ${result.outcome}`)
      await pause(20)
    }
    const generations = new Set(carriers().map(({ cookies }) => cookies.get('c0')))
    t.ok(generations.size > changes / 2, `requests carried ${generations.size} generations`)
    for (const kind of kinds)
      t.ok(
        carriers().some(({ path }) => path === kind),
        kind,
      )
    const torn = carriers().filter((request) => !isWhole(request))
    const kindsTorn = torn.map(({ host, path, cookies }) =>
      [host, path, cookies.size, ...new Set(cookies.values())].join(' '),
    )
    t.same(kindsTorn, [], `none of ${carriers().length} requests`)
  })
})

t.test(
  'what is opened during the hold waits too, and goes with the new cookies; other sites do not wait',
  async (t) => {
    const wanted: Cookie[] = cookiesOf(1).map((cookie) => ({ ...cookie, domain: 'later.localhost' }))
    const hold = await prepareHold(chrome, ['later.localhost'])
    t.teardown(hold.end)
    // Prepared only, nothing waits.
    await openTab(chrome, site.at('later.localhost'))
    await hold.start()
    site.requests.length = 0
    const opened = openTab(chrome, site.at('later.localhost'))
    const { browserContextId } = await chrome.send('Target.createBrowserContext')
    await chrome.send('Target.createTarget', {
      url: `${site.at('later.localhost')}/context`,
      browserContextId,
    })
    await openTab(chrome, site.at('bystander.localhost'))
    await pause(100)
    const asked = () => site.requests.filter(({ path }) => path !== '/favicon.ico').map(({ host }) => host)
    t.notOk(asked().includes('later.localhost'))
    t.ok(asked().includes('bystander.localhost'))
    await cookieJar(chrome, {}).set(wanted)
    await hold.end()
    await opened
    t.ok(
      isWhole(
        site.requests.find(({ host, path }) => host === 'later.localhost' && path === '/') ?? {
          cookies: new Map(),
        },
      ),
    )
  },
)

t.test('what is held goes when the worker dies', async (t) => {
  const { connectToChrome } = await import('../../../apps/worker/src/cdp/connect-to-chrome.ts')
  const worker = await connectToChrome(chrome.cdpUrl)
  const tab = await openTab(chrome, site.at('dies.localhost'))
  const hold = await prepareHold(worker, ['dies.localhost'])
  await hold.start()
  const answer = tab.evaluate(`fetch('/held').then((response) => response.status)`)
  await pause(50)
  t.notOk(site.requests.some(({ path }) => path === '/held'))
  worker.close()
  t.equal(await answer, 200)
})

t.test('a page in a busy loop, and one with an open dialog, do not block an apply', async (t) => {
  for (const expression of ['for(;;);', 'alert(1)']) {
    const tab = await openTab(chrome, site.at('stuck.localhost'))
    tab.send('Runtime.evaluate', { expression }).catch(() => {})
  }
  await pause(100)
  const cookies = cookiesOf(1).map((cookie) => ({ ...cookie, domain: 'stuck.localhost' }))
  const state = {
    session: 'stuck',
    userAgent: chrome.userAgent,
    cookies,
    origins: [{ origin: site.at('stuck.localhost'), localStorage: [] }],
  }
  const result = await applySession({ chrome, state, options: { lateLooksMs: [] } })
  t.match(result, { outcome: 'applied', cookies: 100 })
  t.ok(result.heldMs < 2_000, `requests were held for ${result.heldMs} ms`)
  t.ok(result.applyMs < 5_000, `all took ${result.applyMs} ms`)
})
