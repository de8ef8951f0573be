import type { Cookie, Sighting } from '@session-broker/shared'
import t from 'tap'
import { deriveCheck } from '../../../apps/broker/src/session/derive-check.ts'
import type { LoginResult } from '../../../apps/broker/src/session/ports/site-login.ts'
import { type SessionLook, SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'

const cookie: Cookie = {
  ...{ name: 'sid', value: 'x', domain: '.shop.example', path: '/', expires: -1 },
  ...{ httpOnly: true, secure: true },
}
const loginUrl = 'https://www.shop.example/login'
const landedUrl = 'https://shop.example/home?welcome=1'
const login: LoginResult = {
  state: { userAgent: 'Mozilla/5.0 test', cookies: [cookie], origins: [] },
  landedUrl,
}
const page = (change: Partial<Sighting> = {}): Sighting => ({
  status: 200,
  finalUrl: landedUrl,
  body: 'Hello',
  ...change,
})
const form = { body: '<form><input type="password"></form>' }

interface Seen {
  member: Sighting
  stranger: Sighting
}

/** A site that shows this to members and that to strangers, by HTTP and in a browser, and other things at other addresses. */
function siteThatShows(
  http: Seen,
  { browser = http, at = {}, told = {} }: { browser?: Seen; at?: Record<string, Seen>; told?: object } = {},
) {
  const asked: string[] = []
  const look: SessionLook = async (request) => {
    const who = request.state ? 'member' : 'stranger'
    asked.push(`${who} by ${request.in} as ${request.userAgent}: ${request.url}`)
    const seen = request.in === 'http' ? (at[request.url] ?? http) : browser
    return { sighting: seen[who], ...(request.state && { state: request.state }) }
  }
  const { signal } = new AbortController()
  return { asked, derive: () => deriveCheck(look, { login: { ...login, ...told }, loginUrl, signal }) }
}

t.test('a check is derived from what a stranger is not shown', async (t) => {
  const url = 'https://shop.example/home'
  const refused = siteThatShows({ member: page(), stranger: page({ status: 403 }) })
  t.match((await refused.derive()).check, { url, expect: { status: 200 }, in: 'http' })
  const sentAway = siteThatShows({
    member: page(),
    stranger: page({ finalUrl: 'https://shop.example/login' }),
  })
  t.match((await sentAway.derive()).check.expect, { status: 200, finalUrl: url })
  const sameAddress = siteThatShows({ member: page(), stranger: page(form) })
  t.match((await sameAddress.derive()).check.expect, { status: 200, passwordField: false })
  t.ok(
    sameAddress.asked.every((each) => each.includes('as Mozilla/5.0 test:')),
    'both come with the same user agent',
  )
})

t.test('a log-out that only members are shown is a sign; one that strangers see is none', async (t) => {
  const signs = ['Help', 'Log out']
  const seen = { member: page({ body: 'Help Log out' }), stranger: page({ body: 'Help Log in' }) }
  t.same((await siteThatShows(seen, { told: { signs } }).derive()).check.expect, {
    status: 200,
    text: 'Log out',
  })
  const both = { member: page({ body: 'Help' }), stranger: page({ body: 'Help' }) }
  await t.rejects(siteThatShows(both, { told: { signs } }).derive(), { code: 'login_not_authenticated' })
  const beside = { member: page({ body: 'Log out' }), stranger: page(form) }
  t.same(
    (await siteThatShows(beside, { told: { signs } }).derive()).check.expect,
    { status: 200, text: 'Log out' },
    'it comes before a field that is not there',
  )
})

t.test('where the page is the same for all, what it asks the site for may differ', async (t) => {
  const same = { member: page(), stranger: page() }
  const api = 'https://api.shop.example/me'
  const differs = { member: page({ finalUrl: api }), stranger: page({ finalUrl: api, status: 401 }) }
  const requests = [
    ...['https://elsewhere.example/me', 'https://shop.example/token/me', 'https://shop.example/news'],
    ...['https://shop.example/me?token=1', api],
  ]
  const site = siteThatShows(same, { at: { [api]: differs }, told: { requests } })
  t.match((await site.derive()).check, { url: api, expect: { status: 200 }, in: 'http' })
  t.notMatch(
    site.asked.join(),
    /elsewhere|token|news/,
    'what is another’s, or may do something, is not asked',
  )

  const look: SessionLook = async (request) => {
    if (request.url === api) throw new SiteUnreachableError('it stays open for ever')
    return { sighting: request.in === 'browser' && !request.state ? page(form) : page() }
  }
  const { signal } = new AbortController()
  const { check } = await deriveCheck(look, { login: { ...login, requests: [api] }, loginUrl, signal })
  t.match(check, { in: 'browser' }, 'one that is not answered tells nothing')
})

t.test('then the own pages that it links to', async (t) => {
  const orders = 'https://shop.example/orders'
  const differs = {
    member: page({ finalUrl: orders }),
    stranger: page({ finalUrl: 'https://shop.example/login' }),
  }
  const site = siteThatShows(
    { member: page(), stranger: page() },
    { at: { [orders]: differs }, told: { links: ['https://shop.example/logout', orders] } },
  )
  t.match((await site.derive()).check, { url: orders, expect: { finalUrl: orders }, in: 'http' })
  t.notMatch(site.asked.join(), /logout/, 'never one that may do something')
})

t.test('a form for another password is no sign-in, where the way out stands beside it', async (t) => {
  const seen = {
    member: page({ body: `${form.body}<a>Log out</a>` }),
    stranger: page({ finalUrl: 'https://shop.example/login' }),
  }
  t.match((await siteThatShows(seen, { told: { signs: ['Log out'] } }).derive()).check.in, 'http')
  await t.rejects(siteThatShows(seen).derive(), { code: 'login_not_authenticated' })
})

t.test('a browser is asked only where plain HTTP shows no difference, or has nothing to show', async (t) => {
  const browser = { member: page(), stranger: page(form) }
  const app = siteThatShows({ member: page(), stranger: page() }, { browser })
  t.match((await app.derive()).check, { in: 'browser', url: landedUrl })
  const withoutCookies = siteThatShows(
    { member: page(), stranger: page() },
    { browser, told: { state: { ...login.state, cookies: [] } } },
  )
  t.match((await withoutCookies.derive()).check, { in: 'browser' })
  t.notMatch(withoutCookies.asked.join(), /by http/)
})

t.test('what is good for once, or a secret, does not stand in a check', async (t) => {
  const seen = { member: page(), stranger: page({ status: 403 }) }
  for (const query of ['?code=ab12', '?x=abcdefghijklmnopqrstuvwxyz', '#access_token=ab12']) {
    const told = {
      landedUrl: `https://shop.example/home${query}`,
      state: { ...login.state, cookies: [] },
    }
    t.equal((await siteThatShows(seen, { told }).derive()).check.url, 'https://shop.example/home', query)
  }
})

t.test('nothing is derived from what may be no sign-in at all', async (t) => {
  const cases: Record<string, Seen> = {
    'both are shown the same': { member: page(), stranger: page() },
    'the member is shown the form': { member: page(form), stranger: page({ status: 403 }) },
    'the member is asked for a code': {
      member: page({ body: '<form><input name="otpCode"></form>' }),
      stranger: page({ status: 403 }),
    },
    'the member is led to another site': {
      member: page({ finalUrl: 'https://accounts.example/consent' }),
      stranger: page({ status: 403 }),
    },
    'the member is refused': { member: page({ status: 403 }), stranger: page() },
    'the stranger met a site in trouble': { member: page(), stranger: page({ status: 503 }) },
    'the stranger came too often': { member: page(), stranger: page({ status: 429 }) },
  }
  for (const [name, seen] of Object.entries(cases)) {
    await t.rejects(siteThatShows(seen).derive(), { code: 'login_not_authenticated' }, name)
  }
  const { signal } = new AbortController()
  const elsewhere = deriveCheck(() => Promise.reject(new Error('nobody looks')), {
    ...{ login: { ...login, landedUrl: 'https://accounts.example/consent' }, loginUrl, signal },
  })
  await t.rejects(elsewhere, { code: 'login_not_authenticated', message: /another site/ })
  const away: SessionLook = () => Promise.reject(new SiteUnreachableError('away'))
  await t.rejects(deriveCheck(away, { login, loginUrl, signal }), { code: 'login_not_authenticated' })
})
