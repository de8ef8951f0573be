import { type Cookie, fromCdpCookie, type IssuedSession } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import type { ChromeConnection } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { openChrome, openTab } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

const utf8 = Buffer.from('žluťoučký 🐎').toString('latin1')
const site = await openSite(t, (request, response) => {
  if (request.url === '/set') response.setHeader('set-cookie', setByTheSite)
  if (request.url === '/top')
    response.end(`<iframe src="${site.at('frame.localhost')}/partitioned"></iframe>`)
  if (request.url === '/partitioned')
    response.setHeader('set-cookie', [
      'part=here; Secure; SameSite=None; Partitioned',
      '__Host-p=1; Secure; Path=/; SameSite=None; Partitioned',
    ])
})
const setByTheSite = [
  'plain=1',
  'httponly=1; HttpOnly',
  'secure=1; Secure',
  'unset=1',
  'lax=1; SameSite=Lax',
  'strict=1; SameSite=Strict',
  'none=1; SameSite=None; Secure',
  'hostonly=1',
  'shared=1; Domain=from.localhost',
  'session=1',
  'persistent=1; Max-Age=5000',
  'far=1; Max-Age=99999999',
  'deep=1; Path=/a/b%20c/',
  'high=1; Priority=High',
  'low=1; Priority=Low',
  '__Host-id=1; Secure; Path=/; HttpOnly',
  '__Secure-id=1; Secure; Path=/some',
  'empty=',
  'valueonly',
  'json={"a":[1,"two"]}',
  'quoted="with spaces"',
  'sign=a=b==',
  'name with spaces=1',
  `utf8=${utf8}`,
  `long=${'x'.repeat(4_092)}`,
  'partitioned=first; Secure; Partitioned',
]

const [from, to] = [await openChrome(t), await openChrome(t)]

async function held(chrome: ChromeConnection): Promise<Cookie[]> {
  const { cookies } = await chrome.send('Storage.getCookies')
  return cookies.map(fromCdpCookie).filter((cookie) => cookie !== undefined)
}

const inOrder = (cookies: readonly Cookie[]) => cookies.map((cookie) => JSON.stringify(cookie)).sort()

t.test('every attribute of every cookie goes from Chrome over the wire to another Chrome', async (t) => {
  await openTab(from, `${site.at('from.localhost')}/set`)
  const top = await openTab(from, `${site.at('top.localhost')}/top`)
  await top.evaluate("new Promise((done) => document.readyState === 'complete' ? done() : onload = done)")
  // What a site on loopback cannot set by itself.
  await from.send('Storage.setCookies', {
    cookies: [
      {
        name: 'unknown',
        value: '1',
        domain: 'other.example',
        path: '/',
        sourceScheme: 'Unset',
        sourcePort: -1,
      },
      { name: 'https', value: '1', domain: '.other.example', path: '/', secure: true, sourcePort: 8443 },
    ],
  })
  const captured = await held(from)
  t.equal(captured.length, setByTheSite.length + 4)
  const partitions = captured.filter(({ partitionKey }) => partitionKey !== undefined)
  t.same([...new Set(partitions.map((cookie) => cookie._crHasCrossSiteAncestor))].sort(), [false, true])
  t.same([...new Set(captured.map(({ sameSite }) => String(sameSite)))].sort(), [
    'Lax',
    'None',
    'Strict',
    'undefined',
  ])
  t.same([...new Set(captured.map(({ priority }) => priority))].sort(), ['High', 'Low', 'Medium'])
  t.same([...new Set(captured.map(({ sourceScheme }) => sourceScheme))].sort(), [
    'NonSecure',
    'Secure',
    'Unset',
  ])

  const overTheWire = JSON.parse(JSON.stringify(captured)) as IssuedSession['cookies']
  const state = { session: 'fidelity', userAgent: to.userAgent, cookies: overTheWire, origins: [] }
  const result = await applySession({ chrome: to, state })
  t.match(result, { outcome: 'applied', cookies: captured.length, refused: [], partial: [] })
  t.same(inOrder(await held(to)), inOrder(captured))
})

t.test('a site gets from the second Chrome the very header that the first one sends', async (t) => {
  const headers = []
  for (const chrome of [from, to]) {
    site.requests.length = 0
    const tab = await openTab(chrome, `${site.at('from.localhost')}/a/b%20c/`)
    headers.push(site.requests.find(({ path }) => path === '/a/b%20c/')?.cookies)
    await tab.close()
  }
  t.same(new Set(headers[1]?.keys()), new Set(headers[0]?.keys()))
  t.same(headers[1]?.get('utf8'), utf8)
  t.equal(headers[1]?.get('deep'), '1')
})
