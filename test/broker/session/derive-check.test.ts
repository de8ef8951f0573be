import type { SessionState, Sighting } from '@session-broker/shared'
import t from 'tap'
import { deriveCheck } from '../../../apps/broker/src/session/derive-check.ts'
import { type SiteLook, SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'

const state: SessionState = { userAgent: 'Mozilla/5.0 test', cookies: [], origins: [] }
const loginUrl = 'https://www.shop.example/login'
const landedUrl = 'https://shop.example/home?welcome=1'
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

/** A site that shows this to members and that to strangers, by HTTP and in a browser. */
function siteThatShows(http: Seen, browser: Seen = http) {
  const asked: string[] = []
  const look: SiteLook = async (request) => {
    const who = request.state ? 'member' : 'stranger'
    asked.push(`${who} by ${request.in} as ${request.userAgent}`)
    const seen = request.in === 'http' ? http : browser
    return { sighting: seen[who], ...(request.state && { state: request.state }) }
  }
  return {
    asked,
    derive: () => deriveCheck(look, { state, loginUrl, landedUrl, signal: new AbortController().signal }),
  }
}

t.test('a check is derived from what a stranger is not shown', async (t) => {
  const refused = siteThatShows({ member: page(), stranger: page({ status: 403 }) })
  t.match((await refused.derive()).check, { url: landedUrl, expect: { status: 200 }, in: 'http' })
  const sentAway = siteThatShows({
    member: page(),
    stranger: page({ finalUrl: 'https://shop.example/login' }),
  })
  t.match((await sentAway.derive()).check.expect, { status: 200, finalUrl: 'https://shop.example/home' })
  const sameAddress = siteThatShows({ member: page(), stranger: page(form) })
  t.match((await sameAddress.derive()).check.expect, { status: 200, passwordField: false })
  t.ok(
    sameAddress.asked.every((each) => each.endsWith('Mozilla/5.0 test')),
    'both come with the same user agent',
  )
})

t.test('a browser is asked only where plain HTTP shows no difference', async (t) => {
  const app = siteThatShows({ member: page(), stranger: page() }, { member: page(), stranger: page(form) })
  t.match((await app.derive()).check, { in: 'browser' })
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
  const elsewhere = deriveCheck(() => Promise.reject(new Error('nobody looks')), {
    ...{ state, loginUrl, landedUrl: 'https://accounts.example/consent' },
    signal: new AbortController().signal,
  })
  await t.rejects(elsewhere, { code: 'login_not_authenticated', message: /another site/ })
  const away: SiteLook = () => Promise.reject(new SiteUnreachableError('away'))
  const signal = new AbortController().signal
  await t.rejects(deriveCheck(away, { state, loginUrl, landedUrl, signal }), {
    code: 'login_not_authenticated',
  })
})
