import {
  type CdpCookie,
  type Cookie,
  cookieFault,
  cookieHeader,
  cookieIdentity,
  cookieSchema,
  fromCdpCookie,
  toCdpCookie,
  toNetscape,
} from '@session-broker/shared'
import t from 'tap'

const plain: Cookie = {
  name: 'sid',
  value: 'v',
  domain: 'shop.example',
  path: '/',
  expires: -1,
  httpOnly: true,
  secure: true,
}
const named = (name: string, change: Partial<Cookie> = {}): Cookie => ({ ...plain, name, ...change })
const header = (cookies: Cookie[], url: string, now = 1_000) => cookieHeader(cookies, new URL(url), now)

t.test('a cookie goes from CDP to the wire and back without a change', async (t) => {
  const full: CdpCookie = {
    name: '__Host-id',
    value: 'ä=1',
    domain: 'shop.example',
    path: '/',
    expires: 1_900_000_000.25,
    httpOnly: true,
    secure: true,
    sameSite: 'None',
    priority: 'High',
    sourceScheme: 'Secure',
    sourcePort: 443,
    partitionKey: { topLevelSite: 'https://top.example', hasCrossSiteAncestor: true },
  }
  const wire = fromCdpCookie(full)
  t.ok(wire)
  if (!wire) return
  t.same(cookieSchema.parse(wire), wire, 'it is what the schema says')
  t.equal(wire.partitionKey, 'https://top.example', "Playwright's form: a string …")
  t.equal(wire._crHasCrossSiteAncestor, true, '… with the ancestor beside it')
  t.same(toCdpCookie(wire), full)
})

t.test(
  'a session cookie has expires -1 on the wire and none in CDP; an unset SameSite stays unset',
  async (t) => {
    const wire = fromCdpCookie({ ...toCdpCookie(plain), expires: -1 })
    t.same(wire, plain)
    t.notOk('sameSite' in plain && plain.sameSite)
    t.notOk('expires' in toCdpCookie(plain))
  },
)

t.test('a cookie of an opaque partition stays where it is', async (t) => {
  t.equal(fromCdpCookie({ ...toCdpCookie(plain), expires: -1, partitionKeyOpaque: true }), undefined)
})

t.test('identity is name, domain, path and partition', async (t) => {
  const ids = [
    plain,
    named('SID'),
    named('sid', { domain: '.shop.example' }),
    named('sid', { path: '/a' }),
    named('sid', { partitionKey: 'https://a.example', _crHasCrossSiteAncestor: false }),
    named('sid', { partitionKey: 'https://a.example', _crHasCrossSiteAncestor: true }),
  ].map(cookieIdentity)
  t.equal(new Set(ids).size, ids.length)
  t.equal(cookieIdentity(named('sid', { value: 'other', httpOnly: false })), cookieIdentity(plain))
})

t.test('a Cookie header holds what a browser would send', async (t) => {
  const cookies = [
    named('host'),
    named('domain', { domain: '.example' }),
    named('other', { domain: 'other.example' }),
    named('expired', { expires: 999 }),
    named('lasting', { expires: 1_001 }),
  ]
  t.equal(header(cookies, 'https://shop.example/'), 'host=v; domain=v; lasting=v')
  t.equal(
    header(cookies, 'https://sub.shop.example/'),
    'domain=v',
    'a host-only cookie is not for sub-domains',
  )
  t.equal(header(cookies, 'http://shop.example/'), '', 'Secure cookies need https …')
  t.equal(
    header([named('local', { domain: '127.0.0.1' })], 'http://127.0.0.1:3000/'),
    'local=v',
    '… but on loopback',
  )
})

t.test('paths match by RFC 6265, and longer ones come first', async (t) => {
  const cookies = [named('root'), named('deep', { path: '/app' })]
  t.equal(header(cookies, 'https://shop.example/app/x'), 'deep=v; root=v')
  t.equal(header(cookies, 'https://shop.example/application'), 'root=v')
  t.equal(header([named('slash', { path: '/app/' })], 'https://shop.example/app'), '')
})

t.test('a partitioned cookie is sent within its own site alone', async (t) => {
  const own = named('own', { partitionKey: 'https://shop.example', _crHasCrossSiteAncestor: false })
  const foreign = named('foreign', { partitionKey: 'https://top.example', _crHasCrossSiteAncestor: true })
  t.equal(header([own, foreign], 'https://shop.example/'), 'own=v')
})

t.test('cookies.txt marks HttpOnly and sub-domains, and leaves out what it cannot hold', async (t) => {
  const text = toNetscape([
    plain,
    named('open', { domain: '.shop.example', httpOnly: false, secure: false, expires: 1_900_000_000.9 }),
    named('tab', { value: 'a\tb' }),
    named('partitioned', { partitionKey: 'https://top.example' }),
  ])
  t.equal(
    text,
    '# Netscape HTTP Cookie File\n' +
      '#HttpOnly_shop.example\tFALSE\t/\tTRUE\t0\tsid\tv\n' +
      '.shop.example\tTRUE\t/\tFALSE\t1900000000\topen\tv\n',
  )
})

t.test('what no browser would take is told without its value', async (t) => {
  const sound: Cookie = {
    ...{ name: 'sid', value: 'canary', domain: '.shop.example', path: '/', expires: -1 },
    ...{ httpOnly: true, secure: true },
  }
  for (const part of [
    {},
    { value: 'a\tb' },
    { domain: '[::1]' },
    { domain: 'bücher.example' },
    { sourcePort: -1 },
  ])
    t.equal(cookieFault({ ...sound, ...part }), undefined, JSON.stringify(part))
  for (const [part, fault] of [
    [{ secure: false, sameSite: 'None' }, /needs Secure/],
    [{ name: '__Host-sid' }, /for one host/],
    [{ secure: false, partitionKey: 'https://shop.example' }, /needs Secure/],
    [{ sourceScheme: 'NonSecure' }, /contradicts/],
    [{ domain: '' }, /no host name/],
    [{ domain: 'shop.example:443' }, /no host name/],
    [{ name: '', value: '' }, /needs a name/],
    [{ value: 'ž'.repeat(2_100) }, /4096 bytes/],
    [{ name: 'a=b' }, /"="/],
    [{ value: ' canary' }, /space/],
    [{ value: 'canary;' }, /control character/],
    [{ value: 'canary\n.' }, /control character/],
    [{ path: '' }, /does not begin with/],
    [{ sourcePort: 0 }, /sourcePort/],
  ] as const) {
    const told = cookieFault({ ...sound, ...part })
    t.match(told, fault)
    t.notMatch(told, 'canary')
  }
})
