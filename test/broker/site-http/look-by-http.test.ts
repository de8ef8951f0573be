import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Cookie, SessionState, UserAgentMetadata } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { openExits } from '../../../apps/broker/src/exit/open-exits.ts'
import { createHttpLook } from '../../../apps/broker/src/site-http/look-by-http.ts'
import { mergeSetCookie } from '../../../apps/broker/src/site-http/merge-set-cookie.ts'
import { openLocalExits } from '../exit/local-exits.ts'

const cookie: Cookie = {
  name: 'sid',
  value: 'one',
  domain: 'shop.example',
  path: '/',
  expires: -1,
  httpOnly: true,
  secure: false,
  priority: 'High',
}
const url = new URL('https://shop.example/app/page')
const merge = (header: string, cookies: readonly Cookie[] = [cookie]) =>
  mergeSetCookie(cookies, header, { url, nowSeconds: 1_000 })

t.test('Set-Cookie', async (t) => {
  await t.test('a new value replaces the old one and keeps what only Chrome knows', async (t) => {
    t.same(merge('sid=two; Path=/; HttpOnly; SameSite=Lax'), [{ ...cookie, value: 'two', sameSite: 'Lax' }])
  })
  await t.test('the same cookie once more is no change', async (t) => {
    const cookies = [cookie]
    t.equal(merge('sid=one; Path=/; HttpOnly', cookies), cookies)
  })
  await t.test('an expired one removes', async (t) => {
    t.same(merge('sid=; Path=/; Max-Age=0'), [])
    t.same(merge('sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'), [])
    const cookies = [cookie]
    t.equal(merge('other=; Path=/; Max-Age=0', cookies), cookies)
  })
  await t.test('Max-Age counts from now, wins over Expires and is cut at 400 days', async (t) => {
    const [, set] = merge('a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    t.equal(set?.expires, 1_060)
    const [, long] = merge('a=1; Path=/; Max-Age=99999999')
    t.equal(long?.expires, 1_000 + 400 * 86_400)
  })
  await t.test('without Domain it is for this host, without Path for this folder', async (t) => {
    const [, set] = merge('a=1')
    t.match(set, { domain: 'shop.example', path: '/app' })
    const [, wide] = merge('a=1; Domain=shop.example; Path=/')
    t.match(wide, { domain: '.shop.example', path: '/' })
  })
  await t.test('a partitioned one belongs to the site itself', async (t) => {
    const [, set] = merge('a=1; Secure; Partitioned; Path=/')
    t.match(set, { partitionKey: 'https://shop.example', _crHasCrossSiteAncestor: false })
  })
  await t.test('of another site, or Secure over plain http, it is refused', async (t) => {
    const cookies = [cookie]
    t.equal(merge('a=1; Domain=other.example', cookies), cookies)
    const plain = { url: new URL('http://shop.example/'), nowSeconds: 0 }
    t.equal(mergeSetCookie(cookies, 'a=1; Secure', plain), cookies)
  })
})

async function site(t: Test, handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const state: SessionState = {
  userAgent: 'Mozilla/5.0 test',
  cookies: [{ ...cookie, domain: '127.0.0.1' }],
  origins: [],
}
const brands = [
  { brand: 'Not:A-Brand', version: '8' },
  { brand: 'A "B\\', version: '156' },
]
const hints: UserAgentMetadata = {
  ...{ brands, fullVersionList: brands, platform: 'Linux', platformVersion: '', architecture: 'x86' },
  ...{ bitness: '64', model: '', mobile: false, wow64: false },
}
const exits = await openLocalExits()
t.teardown(() => exits.close())
const look = createHttpLook({ clock: { now: () => Date.now() }, exits })
const request = {
  sites: ['http://127.0.0.1'],
  in: 'http',
  userAgent: 'Mozilla/5.0 test',
  signal: new AbortController().signal,
} as const

t.test('a look', async (t) => {
  await t.test('sends the cookies and user agent, follows redirects and keeps what they set', async (t) => {
    const seen: unknown[] = []
    const origin = await site(t, ({ url, headers }, response) => {
      seen.push([url, headers.cookie, headers['user-agent']])
      if (url === '/') {
        return response.writeHead(302, { location: '/home', 'set-cookie': 'sid=two; Path=/; HttpOnly' }).end()
      }
      return response.end('Hello')
    })
    const result = await look({ ...request, url: `${origin}/`, state })
    t.same(seen, [
      ['/', 'sid=one', 'Mozilla/5.0 test'],
      ['/home', 'sid=two', 'Mozilla/5.0 test'],
    ])
    t.same(result.sighting, { status: 200, finalUrl: `${origin}/home`, body: 'Hello' })
    t.same(result.state?.cookies, [{ ...state.cookies[0], value: 'two' }])
  })
  await t.test(
    'sends the client hints that go with the user agent, and only where it is safe to',
    async (t) => {
      const seen: unknown[] = []
      const origin = await site(t, ({ headers }, response) => {
        seen.push(Object.entries(headers).filter(([name]) => name.startsWith('sec-ch-ua')))
        response.end('Hello')
      })
      const everywhere = await openExits({
        ...{ own: () => [], allow: [] },
        resolveHost: async () => ['127.0.0.1'],
      })
      t.teardown(() => everywhere.close())
      const lookAnywhere = createHttpLook({ clock: { now: () => Date.now() }, exits: everywhere })
      const hinting = { ...request, userAgentMetadata: hints }
      await lookAnywhere({ ...hinting, url: origin })
      await lookAnywhere({ ...hinting, url: origin.replace('127.0.0.1', 'plain.test') })
      await lookAnywhere({ ...request, url: origin })
      const sent = [
        ['sec-ch-ua', String.raw`"Not:A-Brand";v="8", "A \"B\\";v="156"`],
        ['sec-ch-ua-mobile', '?0'],
        ['sec-ch-ua-platform', '"Linux"'],
      ]
      t.same(seen, [sent, [], []])
    },
  )
  await t.test('gives the same state back where nothing changed, and none to a stranger', async (t) => {
    const origin = await site(t, (_, response) => response.end('Hello'))
    t.equal((await look({ ...request, url: origin, state })).state, state)
    t.equal((await look({ ...request, url: origin })).state, undefined)
  })
  await t.test('keeps nothing that another site sets on the way', async (t) => {
    const other = await site(t, ({ headers }, response) => {
      const back = `http://${headers.referer ?? ''}`
      response.writeHead(302, { location: back, 'set-cookie': 'idp=1' }).end()
    })
    const origin = await site(t, ({ url }, response) => {
      const elsewhere = other.replace('127.0.0.1', 'localhost')
      if (url === '/')
        return response.writeHead(302, { location: `${elsewhere}/`, 'set-cookie': 'sid=two; HttpOnly' }).end()
      return response.end('Hello')
    })
    const result = await look({ ...request, url: `${origin}/`, state })
    t.same(
      result.state?.cookies.map(({ name, value }) => `${name}=${value}`),
      ['sid=two'],
    )
  })
  await t.test('follows five redirects and no more', async (t) => {
    const origin = await site(t, ({ url }, response) =>
      response.writeHead(302, { location: `/${Number(url?.slice(1)) + 1}` }).end(),
    )
    const { sighting } = await look({ ...request, url: `${origin}/1` })
    t.match(sighting, { status: 302, finalUrl: `${origin}/6` })
  })
  await t.test('rejects when nobody answers', async (t) => {
    await t.rejects(look({ ...request, url: 'http://127.0.0.1:1/' }), {
      name: 'SiteUnreachableError',
    })
  })
})
