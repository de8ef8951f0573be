import type { Cookie, OriginStorage } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { cookieJar } from '../../../apps/worker/src/apply/chrome-cookies.ts'
import type { OwnedSites } from '../../../apps/worker/src/apply/owned-sites.ts'
import { times } from '../../times.ts'
import { openChrome, openTab } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

// Generation after generation goes into a Chrome whose pages send requests without a pause, and load themselves again all the time; the
// site looks at each request.
const changes = times(20)
t.setTimeout(120_000 + changes * 5_000)
const cookieCount = 40

const loop = (path: string) =>
  `(async () => { for (;;) { await fetch('${path}').catch(() => {}); await new Promise((go) => setTimeout(go, 5)) } })()`
const pages: Record<string, string> = {
  '/steady': `<script>${loop('/from-page')}; new Worker('/worker.js'); navigator.serviceWorker.register('/service-worker.js')</script>
    <iframe src="/frame"></iframe>`,
  '/frame': `<script>${loop('/from-frame')}</script>`,
  '/restless': `<img src="/image"><script src="/script.js"></script><iframe src="/frame"></iframe><script>${loop('/from-restless')}
    addEventListener('pagehide', () => { navigator.sendBeacon('/beacon', 'x'); fetch('/keepalive', { keepalive: true, method: 'POST' }) })
    setTimeout(() => location.reload(), 20 + Math.random() * 200)</script>`,
}
const scripts: Record<string, string> = {
  '/worker.js': loop('/from-worker'),
  '/service-worker.js': loop('/from-service-worker'),
  '/script.js': '',
}
const site = await openSite(t, ({ url = '' }, response) => {
  const script = scripts[url]
  if (script !== undefined) response.setHeader('content-type', 'text/javascript').end(script)
  else response.end(`<!doctype html>${pages[url] ?? ''}`)
})
const host = 'exact.localhost'
const origin = site.at(host)
const chrome = await openChrome(t)
const jar = cookieJar(chrome, {})

/** Every other one has a name that the next generation does not know. */
function cookiesOf(generation: number): Cookie[] {
  return Array.from({ length: cookieCount }, (_, index) => ({
    name: `c${index}${index % 2 === 0 ? '' : `-${generation % 2}`}`,
    value: String(generation),
    domain: index % 4 < 2 ? host : `.${host}`,
    path: '/',
    expires: -1,
    httpOnly: index % 3 === 0,
    secure: false,
  }))
}

const storageOf = (generation: number): OriginStorage => ({
  origin,
  localStorage: [{ name: 'generation', value: String(generation) }],
})

const told = (cookies: readonly Cookie[]) =>
  cookies.map(({ domain, path, name, value }) => `${domain}${path} ${name}=${value}`).sort()

async function heldOf(domain: string): Promise<string[]> {
  return told((await jar.read()).filter((cookie) => cookie.domain.endsWith(domain)))
}

const carried = () => site.requests.filter((request) => request.host === host)
const isWhole = ({ cookies }: { cookies: Map<string, string> }) =>
  cookies.size === cookieCount && new Set(cookies.values()).size === 1

t.test(
  `${changes} generations: no request is mixed, partial or without, and Chrome holds exactly each`,
  async (t) => {
    const bystander: Cookie = {
      ...{ name: 'mine', value: 'stays', domain: 'bystander.localhost', path: '/', expires: -1 },
      ...{ httpOnly: false, secure: false },
    }
    await jar.set([bystander])
    let previous: OwnedSites | undefined
    const apply = async (generation: number) => {
      const { userAgent } = chrome
      const state = {
        session: 'exact',
        userAgent,
        cookies: cookiesOf(generation),
        origins: [storageOf(generation)],
      }
      const result = await applySession({ chrome, state, previous, options: { lateLooksMs: [] } })
      previous = result.owned
      return result
    }
    await apply(1)
    const reader = await openTab(chrome, `${origin}/reader`)
    for (const path of ['/steady', '/steady', '/steady', '/restless', '/restless', '/restless'])
      await openTab(chrome, origin + path)
    const kinds = [
      '/from-page',
      '/from-frame',
      '/from-worker',
      '/from-service-worker',
      '/from-restless',
      '/beacon',
    ]
    while (!kinds.every((kind) => carried().some(({ path }) => path === kind)))
      await new Promise((resolve) => setTimeout(resolve, 20))

    site.requests.length = 0
    const wrong: string[] = []
    for (let generation = 2; generation < 2 + changes; generation++) {
      const { outcome, partial } = await apply(generation)
      if (outcome !== 'applied') wrong.push(`${generation} is ${outcome}: ${JSON.stringify(partial)}`)
      const held = await heldOf(host)
      if (held.join() !== told(cookiesOf(generation)).join())
        wrong.push(`${generation} is not what Chrome holds`)
      const stored = await reader.evaluate('localStorage.generation')
      if (stored !== String(generation)) wrong.push(`${generation}, and localStorage has ${stored}`)
    }
    t.same(wrong, [])
    const torn = carried().filter((request) => !isWhole(request))
    t.same(
      torn.map(({ path, cookies }) => [path, cookies.size, ...new Set(cookies.values())].join(' ')),
      [],
      `none of ${carried().length} requests`,
    )
    const generations = new Set(carried().map(({ cookies }) => cookies.get('c0')))
    t.ok(generations.size > changes / 2, `they carried ${generations.size} generations`)
    for (const kind of kinds)
      t.ok(
        carried().some(({ path }) => path === kind),
        kind,
      )
    t.same(await heldOf('bystander.localhost'), told([bystander]), 'another site has what it had')
  },
)
