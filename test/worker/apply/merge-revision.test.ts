import type { Cookie, IssuedSession } from '@session-broker/shared'
import t from 'tap'
import type { ApplyRequest } from '../../../apps/worker/src/apply/apply-request.ts'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { openChrome, openTab } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

const chrome = await openChrome(t)

function cookie(domain: string, name: string, value: string, parts: Partial<Cookie> = {}): Cookie {
  return { name, value, domain, path: '/', expires: -1, httpOnly: false, secure: false, ...parts }
}

function revision(revision: number, cookies: Cookie[], part: Partial<IssuedSession> = {}): IssuedSession {
  const times = { obtainedAt: new Date(0).toISOString(), expiresAt: null }
  const { userAgent } = chrome
  return { session: 'shop', generation: 1, revision, ...times, userAgent, cookies, origins: [], ...part }
}

async function held(domain: string): Promise<string[]> {
  const { cookies } = await chrome.send('Storage.getCookies')
  return cookies
    .filter((one) => one.domain.endsWith(domain))
    .map(({ name, value, partitionKey }) => `${name}=${value}${partitionKey ? ' partitioned' : ''}`)
    .sort()
}

const noLooks = { lateLooksMs: [] }
const apply = (request: Omit<ApplyRequest, 'chrome'>) =>
  applySession({ chrome, options: noLooks, ...request })
const siteSets = (...cookies: Cookie[]) =>
  chrome.send('Storage.setCookies', {
    cookies: cookies.map(({ partitionKey, _crHasCrossSiteAncestor, expires, ...one }) => ({
      ...one,
      ...(expires >= 0 && { expires }),
      ...(partitionKey && { partitionKey: { topLevelSite: partitionKey, hasCrossSiteAncestor: false } }),
    })),
  })

t.test('a revision brings what is new in it, and undoes nothing that Chrome has changed since', async (t) => {
  const domain = 'merged.example'
  const of = (name: string, value: string) => cookie(domain, name, value)
  const partitioned = (value: string) =>
    cookie(domain, 'sid', value, {
      ...{ secure: true, sameSite: 'None', partitionKey: 'https://top.example' },
      _crHasCrossSiteAncestor: false,
    })
  const base = revision(0, [
    ...[of('sid', '1'), of('csrf', '1'), of('basket', '1'), of('promo', '1'), of('seen', '1')],
    partitioned('1'),
  ])
  const { owned } = await apply({ state: base })
  await siteSets(of('sid', '2-here'), of('own', '1'), { ...of('basket', ''), expires: 1 })
  const state = revision(1, [
    ...[of('sid', '2-there'), of('csrf', '2-there'), of('basket', '1'), of('seen', '1'), of('news', '1')],
    partitioned('2-there'),
  ])
  const result = await apply({ state, base, previous: owned })
  t.match(result, { outcome: 'applied', partial: [] })
  t.same(await held(domain), [
    ...['csrf=2-there', 'news=1', 'own=1', 'seen=1', 'sid=2-here'],
    'sid=2-there partitioned',
  ])
  await apply({ state: revision(1, state.cookies), previous: owned })
  t.same(
    await held(domain),
    ['basket=1', 'csrf=2-there', 'news=1', 'seen=1', 'sid=2-there', 'sid=2-there partitioned'],
    'without a base it is exactly the state',
  )
})

t.test('what was seen before it came is older than it, and what has changed since is not', async (t) => {
  const domain = 'seen.example'
  const of = (value: string) => [cookie(domain, 'sid', value), cookie(domain, 'csrf', value)]
  const base = revision(0, of('1'))
  const { owned } = await apply({ state: base })
  const seen = of('2-here')
  await siteSets(cookie(domain, 'sid', '2-here'), cookie(domain, 'csrf', '3-here'))
  const state = revision(1, of('2-there'))
  t.match(await apply({ state, base, seen, previous: owned }), { outcome: 'applied', partial: [] })
  t.same(await held(domain), ['csrf=3-here', 'sid=2-there'])
})

t.test('a change that comes while it goes in stays', async (t) => {
  const domain = 'under-way.example'
  const base = revision(0, [cookie(domain, 'sid', '1'), cookie(domain, 'csrf', '1')])
  const { owned } = await apply({ state: base })
  const setting = new Proxy(chrome, {
    get(target, name: keyof typeof chrome) {
      if (name !== 'send') return target[name]
      const send: typeof chrome.send = async (method, ...rest) => {
        const answer = await target.send(method, ...rest)
        const [params] = rest as [object?]
        if (method === 'Storage.setCookies' && !('browserContextId' in (params ?? {})))
          await siteSets(cookie(domain, 'sid', '3-here'))
        return answer
      }
      return send
    },
  })
  const state = revision(1, [cookie(domain, 'sid', '2-there'), cookie(domain, 'csrf', '2')])
  const result = await applySession({ chrome: setting, state, base, previous: owned, options: noLooks })
  t.match(result, { outcome: 'applied', partial: [] })
  t.same(await held(domain), ['csrf=2', 'sid=3-here'])
})

t.test('a late answer that brings a former value back is undone, and a newer one is not', async (t) => {
  const domain = 'late.example'
  const base = revision(0, [
    cookie(domain, 'sid', '1'),
    cookie(domain, 'csrf', '1'),
    cookie(domain, 'a', '1'),
  ])
  const { owned } = await apply({ state: base })
  const state = revision(1, [
    cookie(domain, 'sid', '2'),
    cookie(domain, 'csrf', '2'),
    cookie(domain, 'a', '2'),
  ])
  const result = await apply({ state, base, previous: owned, options: { lateLooksMs: [300, 1_000] } })
  await siteSets(cookie(domain, 'sid', '1'), cookie(domain, 'csrf', '3-newer'), {
    ...cookie(domain, 'a', ''),
    expires: 1,
  })
  t.equal(await result.settled, 'applied_again')
  t.same(await held(domain), ['a=2', 'csrf=3-newer', 'sid=2'])
})

t.test('open pages are not reloaded, and their storage is as they have made it', async (t) => {
  const site = await openSite(t)
  const domain = 'pages.localhost'
  const origin = site.at(domain)
  const storage = (value: string) => [{ origin, localStorage: [{ name: 'token', value }] }]
  const base = revision(0, [cookie(domain, 'sid', '1')], { session: 'pages', origins: storage('1') })
  const { owned } = await apply({ state: base })
  const tab = await openTab(chrome, `${origin}/`)
  await tab.evaluate('globalThis.isStill = true')
  await tab.evaluate(`localStorage.token = '2-here'`)
  const options = { ...noLooks, reloadPages: true }
  const state = revision(1, [cookie(domain, 'sid', '2')], { session: 'pages', origins: storage('1') })
  t.match(await apply({ state, base, previous: owned, options }), { outcome: 'applied' })
  t.equal(await tab.evaluate('globalThis.isStill'), true)
  t.equal(await tab.evaluate('localStorage.token'), '2-here')
  const next = revision(2, [cookie(domain, 'sid', '2')], { session: 'pages', origins: storage('3') })
  t.match(await apply({ state: next, base: state, previous: owned, options }), { outcome: 'applied' })
  t.equal(await tab.evaluate('localStorage.token'), '3', 'what is new in the revision goes in')
  t.equal(await tab.evaluate('globalThis.isStill'), true)
  await tab.close()
})

t.test('another generation is never merged', async (t) => {
  const domain = 'generations.example'
  const base = revision(0, [cookie(domain, 'sid', '1')])
  const { owned } = await apply({ state: base })
  const state = revision(0, [cookie(domain, 'sid', '2')], { generation: 2 })
  await t.rejects(apply({ state, base, previous: owned }), RangeError)
  t.same(await held(domain), ['sid=1'])
})
