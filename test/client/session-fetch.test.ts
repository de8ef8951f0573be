import { createBrokerClient } from '@session-broker/client'
import { createSessionFetch, type SessionFetchOptions } from '@session-broker/client/fetch'
import { type Cookie, type IssuedSession, ProblemError, type UserAgentMetadata } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { startPlainSite } from './plain-site.ts'
import { issued, until } from './scripted-broker.ts'
import { startStateBroker } from './state-broker.ts'

const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0'
const userAgentMetadata: UserAgentMetadata = {
  brands: [{ brand: 'Chromium', version: '156' }],
  fullVersionList: [{ brand: 'Chromium', version: '156.0.1.2' }],
  ...{ platform: 'Linux', platformVersion: '', architecture: 'x86', bitness: '64' },
  ...{ model: '', mobile: false, wow64: false },
}
const cookie = (over: Partial<Cookie>): Cookie => ({
  ...{ name: 'sid', value: 'x', domain: '127.0.0.1', path: '/', expires: -1 },
  ...{ httpOnly: true, secure: false },
  ...over,
})
const state = (generation: number, over: Partial<IssuedSession> = {}) =>
  issued(generation, {
    userAgent,
    userAgentMetadata,
    cookies: [cookie({ value: `gen${generation}` })],
    ...over,
  })
const renewed = (generation: number) => ({ session: 'amazon', generation, revision: 0, outcome: 'renewed' })

interface Given extends Partial<SessionFetchOptions> {
  summary?: object
  /** How a refresh ends; left out: with generation 2. */
  refresh?: () => object
}

async function start(t: Test, { summary = {}, refresh, ...options }: Given = {}) {
  const site = await startPlainSite((response, { headers }) => {
    response.writeHead(headers.cookie?.includes('sid=gen2') ? 200 : 401).end('answer')
  })
  const broker = await startStateBroker(state(1), {
    summary: { ...summary },
    refresh:
      refresh ??
      (() => {
        broker.publish(state(2))
        return renewed(2)
      }),
  })
  const client = createBrokerClient({ url: broker.url, key: 'sb_key' })
  const session = await createSessionFetch({
    client,
    onTrouble: (error) => t.fail(String(error)),
    ...options,
  })
  t.teardown(async () => {
    await session.close()
    await client.close()
    await broker.close()
    await site.close()
  })
  return { site, broker, client, session, fetch: session.fetch }
}

t.test('a request carries the session’s cookies, user agent and client hints', async (t) => {
  const { site, fetch } = await start(t)
  site.answer((response) => response.writeHead(200).end('hello'))
  const response = await fetch(`${site.url}/orders`, { headers: { accept: 'text/plain', cookie: 'own=1' } })
  t.equal(await response.text(), 'hello')
  t.match(site.seen[0]?.headers, {
    cookie: 'sid=gen1; own=1',
    'user-agent': userAgent,
    'sec-ch-ua': '"Chromium";v="156"',
    'sec-ch-ua-platform': '"Linux"',
    accept: 'text/plain',
  })
  await fetch(`${site.url}/orders`, { headers: { 'user-agent': 'mine' } })
  t.equal(site.seen[1]?.headers['user-agent'], 'mine')
})

t.test('nothing of the session goes to another host, asked for or redirected to', async (t) => {
  const { site, fetch } = await start(t)
  const other = await startPlainSite((response) => response.writeHead(200).end('other'), '127.0.0.2')
  t.teardown(() => other.close())
  site.answer((response) => response.writeHead(302, { location: `${other.url}/landing` }).end())
  const headers = { authorization: 'Bearer of-the-site', cookie: 'own=1', 'x-own': 'kept' }
  const response = await fetch(`${site.url}/away`, { headers })
  t.match(response, { status: 200, url: `${other.url}/landing`, redirected: true })
  await fetch(other.url)
  t.match(site.seen[0]?.headers, { authorization: 'Bearer of-the-site', cookie: 'sid=gen1; own=1' })
  t.equal(other.seen.length, 2)
  for (const { headers } of other.seen) {
    t.equal(headers.cookie, undefined)
    t.equal(headers.authorization, undefined)
    t.notMatch(headers['user-agent'], /Mozilla/)
    t.equal(headers['sec-ch-ua'], undefined)
  }
  t.equal(other.seen[0]?.headers['x-own'], 'kept')
})

t.test('what answers set on the way goes along from the next hop on', async (t) => {
  const { site, fetch } = await start(t)
  site.answer((response, { path }) =>
    path === '/first'
      ? response
          .writeHead(302, { location: '/second', 'set-cookie': ['seen=yes; Path=/', 'gone=; Max-Age=0'] })
          .end()
      : response.writeHead(200).end(),
  )
  await fetch(`${site.url}/first`)
  await fetch(`${site.url}/third`)
  t.same(
    site.seen.map(({ headers }) => headers.cookie),
    ['sid=gen1', 'sid=gen1; seen=yes', 'sid=gen1; seen=yes'],
  )
})

t.test('redirects as fetch has them', async (t) => {
  const { site, fetch } = await start(t)
  const to = (status: number, location = '/end') =>
    site.answer((response, { path }) =>
      path === '/end' ? response.writeHead(200).end('end') : response.writeHead(status, { location }).end(),
    )
  const post = {
    method: 'POST',
    body: 'a=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }
  const ends = async (status: number, init: object) => {
    to(status)
    site.seen.length = 0
    const response = await fetch(`${site.url}/begin`, init)
    t.equal(await response.text(), 'end')
    const { method, body, headers } = site.seen[1] ?? {}
    return [method, body, headers?.['content-type']]
  }
  t.same(await ends(302, post), ['GET', '', undefined])
  t.same(await ends(303, { ...post, method: 'PUT' }), ['GET', '', undefined])
  t.same(await ends(307, post), ['POST', 'a=1', post.headers['content-type']])
  t.same(await ends(301, { ...post, method: 'PUT' }), ['PUT', 'a=1', post.headers['content-type']])
  to(302)
  t.match(await fetch(`${site.url}/begin`, { redirect: 'manual' }), { status: 302, redirected: false })
  await t.rejects(fetch(`${site.url}/begin`, { redirect: 'error' }), { name: 'TypeError' })
  to(302, '/begin')
  site.seen.length = 0
  await t.rejects(fetch(`${site.url}/begin`), { message: 'more than 20 redirects' })
  t.equal(site.seen.length, 21)
  to(302, 'file:///etc/passwd')
  await t.rejects(fetch(`${site.url}/begin`), { name: 'TypeError', message: /no http address/ })
  to(308)
  const stream = new Blob(['a=1']).stream()
  await t.rejects(fetch(`${site.url}/begin`, { method: 'POST', body: stream }), { message: /stream/ })
  await t.rejects(fetch('ftp://127.0.0.1/'), { name: 'TypeError' })
})

t.test('a request object and a form are sent as they are', async (t) => {
  const { site, fetch } = await start(t)
  site.answer((response) => response.writeHead(200).end())
  await fetch(new Request(`${site.url}/one`, { method: 'PUT', body: 'text', headers: { 'x-own': '1' } }))
  t.match(site.seen[0], { method: 'PUT', body: 'text', headers: { 'x-own': '1', cookie: 'sid=gen1' } })
  const form = new FormData()
  form.set('name', 'value')
  await fetch(`${site.url}/two`, { method: 'POST', body: form })
  const boundary = /boundary=(\S+)/.exec(site.seen[1]?.headers['content-type'] ?? '')?.[1]
  t.ok(boundary)
  t.match(site.seen[1]?.body, `--${boundary}`)
})

t.test('signed out: the broker is told, and the request is sent again', async (t) => {
  const { site, broker, fetch } = await start(t)
  const response = await fetch(`${site.url}/orders`)
  t.match(response, { status: 200 })
  t.same(
    site.seen.map(({ headers }) => headers.cookie),
    ['sid=gen1', 'sid=gen2'],
  )
  t.same(broker.refreshes, [
    { generation: 1, reason: `a request to ${site.url} was answered as to a stranger` },
  ])
})

t.test('what may have done something at the site is not sent again by itself', async (t) => {
  const { site, broker, fetch } = await start(t)
  t.match(await fetch(`${site.url}/order`, { method: 'POST', body: 'one' }), { status: 401 })
  t.equal(site.seen.length, 1)
  t.equal(broker.refreshes.length, 1, 'the next request has the new generation')
  t.match(await fetch(`${site.url}/order`, { method: 'POST', body: 'two' }), { status: 200 })
})

t.test('with retry: true it is, where its body can be sent again', async (t) => {
  const { site, fetch } = await start(t)
  t.match(await fetch(`${site.url}/order`, { method: 'POST', body: 'one', retry: true }), { status: 200 })
  t.same(
    site.seen.map(({ body }) => body),
    ['one', 'one'],
  )
})

t.test('a stream is not, and retry: false holds a GET back', async (t) => {
  const { site, fetch } = await start(t)
  const body = new Blob(['one']).stream()
  t.match(await fetch(`${site.url}/order`, { method: 'POST', body, retry: true }), { status: 401 })
  t.equal(site.seen.length, 1)
})

t.test('retry: false', async (t) => {
  const { site, fetch } = await start(t)
  t.match(await fetch(`${site.url}/order`, { retry: false }), { status: 401 })
  t.equal(site.seen.length, 1)
})

t.test('a second stranger’s answer is an answer', async (t) => {
  const { site, broker, fetch } = await start(t)
  site.answer((response) => response.writeHead(401).end('never'))
  const response = await fetch(`${site.url}/orders`)
  t.equal(await response.text(), 'never')
  t.equal(site.seen.length, 2)
  t.equal(broker.refreshes.length, 1)
})

t.test('where the broker finds the session alive, the site’s answer stands', async (t) => {
  const refresh = () => ({ ...renewed(1), outcome: 'alive' })
  const { site, broker, fetch } = await start(t, { refresh })
  const response = await fetch(`${site.url}/orders`)
  t.match([response.status, await response.text()], [401, 'answer'])
  await fetch(`${site.url}/orders`)
  t.equal(site.seen.length, 2)
  t.equal(broker.refreshes.length, 1)
})

t.test('where nobody can log in, the request fails with the reason', async (t) => {
  const refresh = () => {
    throw new ProblemError('login_bad_credentials', 'the site refuses the password')
  }
  const { site, fetch } = await start(t, { refresh })
  await t.rejects(fetch(`${site.url}/orders`), { code: 'login_bad_credentials' })
  t.equal(site.seen.length, 1)
})

t.test('a request ends with its signal, also while the session is renewed', async (t) => {
  const stop = new AbortController()
  const refresh = () => {
    stop.abort(new Error('enough'))
    return new Promise<object>(() => {})
  }
  const { site, fetch } = await start(t, { refresh })
  await t.rejects(fetch(`${site.url}/orders`, { signal: stop.signal }), { message: 'enough' })
  t.equal(site.seen.length, 1)
})

t.test('an answer to an older generation leaves the cookies of the newer one alone', async (t) => {
  const { site, broker, session, fetch } = await start(t)
  const late = Promise.withResolvers<void>()
  site.answer(async (response, { path }) => {
    if (path === '/late') await late.promise
    response.writeHead(200, path === '/late' ? { 'set-cookie': 'sid=rotated-of-gen1; Path=/' } : {}).end()
  })
  const pending = fetch(`${site.url}/late`)
  await until(() => site.seen.length === 1)
  broker.publish(state(2))
  await until(() => session.current().generation === 2)
  late.resolve()
  await pending
  await fetch(`${site.url}/next`)
  t.equal(site.seen[1]?.headers.cookie, 'sid=gen2')
})

t.test('how a stranger’s answer is known', async (t) => {
  const login = (field: string) => `<form><input name="user"><input ${field} name="secret"></form>`
  const asked = async (
    t: Test,
    given: Given,
    answer: Parameters<typeof startPlainSite>[0],
    path = '/orders',
  ) => {
    const { site, broker, fetch } = await start(t, given)
    site.answer(answer)
    const response = await fetch(site.url + path)
    await response.text()
    return { site, known: broker.refreshes.length === 1 }
  }
  const html = { 'content-type': 'text/html; charset=utf-8' }

  await t.test('a redirect to a page with a password field', async (t) => {
    const page =
      (field: string): Parameters<typeof startPlainSite>[0] =>
      (response, { path }) =>
        path === '/orders'
          ? response.writeHead(302, { location: '/login' }).end()
          : response.writeHead(200, html).end(login(field))
    t.ok((await asked(t, {}, page('type="password"'))).known)
    t.notOk((await asked(t, {}, page('type="search"'))).known)
  })

  await t.test('a page with a password field that was asked for is none', async (t) => {
    t.notOk(
      (await asked(t, {}, (response) => response.writeHead(200, html).end(login('type="password"')))).known,
    )
  })

  await t.test('a redirect to the sign-in’s origin, from another', async (t) => {
    const identity = await startPlainSite(
      (response) => response.writeHead(200).end('who are you?'),
      '127.0.0.3',
    )
    t.teardown(() => identity.close())
    const away: Parameters<typeof startPlainSite>[0] = (response) =>
      response.writeHead(302, { location: `${identity.url}/authorize` }).end()
    t.ok((await asked(t, { summary: { loginOrigin: identity.url } }, away)).known)
    t.notOk((await asked(t, {}, away)).known)
  })

  await t.test('the page of the check, when it does not pass', async (t) => {
    const site = await startPlainSite((response) => response.writeHead(200).end('Please sign in'))
    t.teardown(() => site.close())
    const check = {
      url: `${site.url}/account?tab=1`,
      in: 'http',
      expect: { status: 200, text: 'Hello, alice' },
    }
    const { broker, fetch } = await start(t, { summary: { check } })
    await fetch(`${site.url}/help`)
    t.equal(broker.refreshes.length, 0)
    await fetch(`${site.url}/account`)
    t.equal(broker.refreshes.length, 1)
  })

  await t.test('as the program says, which may read the answer', async (t) => {
    const { site, broker, fetch } = await start(t, {
      isLoggedOut: async ({ response }) => (await response.clone().text()).includes('"error":"expired"'),
    })
    site.answer((response, { headers }) =>
      response.writeHead(200).end(headers.cookie === 'sid=gen2' ? '{"orders":[]}' : '{"error":"expired"}'),
    )
    t.same(await (await fetch(`${site.url}/api`)).json(), { orders: [] })
    t.equal(broker.refreshes.length, 1)
  })

  await t.test('another site’s 401 is none of the session’s', async (t) => {
    const other = await startPlainSite((response) => response.writeHead(401).end(), '127.0.0.2')
    t.teardown(() => other.close())
    const { broker, fetch } = await start(t)
    t.match(await fetch(other.url), { status: 401 })
    t.equal(broker.refreshes.length, 0)
  })
})
