import type { SessionState, UserAgentMetadata } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { type SiteLook, SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'
import { bearer, buildTestServer, canary, sampleState, type TestServerOptions } from './build-test-server.ts'

const sid = `${canary}-sid`

/** A site that shows its account page to whoever has the cookie `sid`, and its sign-in to all others. */
const look: SiteLook = async ({ url, state }) => {
  const isMember = state?.cookies.some(({ name, value }) => name === 'sid' && value.startsWith(sid)) ?? false
  const sighting = isMember
    ? { status: 200, finalUrl: url, body: '<h1>Hello</h1>' }
    : { status: 200, finalUrl: 'https://shop.example/login', body: '<input type="password">' }
  return { sighting, ...(state && { state }) }
}

async function serve(t: Test, given: TestServerOptions = {}) {
  const server = await buildTestServer({ look, ...given })
  t.teardown(server.close)
  const put = (headers: Record<string, string>, body: object = sampleState, key = 'writer') =>
    server.app.inject({
      method: 'PUT',
      url: '/session/cookies?session=shop',
      headers: { ...bearer(key), ...headers },
      body,
    })
  const read = () => server.app.inject({ url: '/session/cookies?session=shop', headers: bearer('reader') })
  const etag = async () => String((await read()).headers.etag)
  const audit = () => server.lines.filter(({ level }) => level === 'audit')
  return { ...server, put, read, etag, audit }
}

const brands = [{ brand: canary, version: '156' }]
const hints: UserAgentMetadata = {
  ...{ brands, fullVersionList: brands, platform: 'Linux', platformVersion: '', architecture: 'x86' },
  ...{ bitness: '64', model: '', mobile: false, wow64: false },
}
const first = { 'if-none-match': '*' }
const anonymous: SessionState = { ...sampleState, cookies: [] }
const withSid = (part: object): SessionState => ({
  ...sampleState,
  cookies: sampleState.cookies.map((cookie) => (cookie.name === 'sid' ? { ...cookie, ...part } : cookie)),
})

t.test('the first one is 201, with the ETag that readers get', async (t) => {
  const { put, read, app, audit } = await serve(t)
  const answer = await put(first)
  t.equal(answer.statusCode, 201)
  t.same(answer.json(), { session: 'shop', generation: 1, revision: 0 })
  const served = await read()
  t.equal(served.headers.etag, answer.headers.etag)
  t.equal(served.headers['session-status'], 'live')
  const { userAgent, cookies, origins } = served.json()
  t.same({ userAgent, cookies, origins }, sampleState)
  const summary = await app.inject({ url: '/session?session=shop', headers: bearer('reader') })
  const finalUrl = 'https://shop.example/'
  t.match(summary.json(), { check: { url: finalUrl, expect: { status: 200, finalUrl } } }, 'it was derived')
  const outcome = 'published'
  t.match(audit(), [{ message: 'a state was put', session: 'shop', key: 'writer', generation: 1, outcome }])
})

t.test('a later one names what it takes the place of', async (t) => {
  const { put, read, etag, publish, audit } = await serve(t)
  await publish()
  const before = await etag()
  t.match(await put(first), { statusCode: 412 })
  const answer = await put({ 'if-match': before }, withSid({ value: `${sid}-newer` }))
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { session: 'shop', generation: 2, revision: 0 })
  const late = await put({ 'if-match': before })
  t.equal(late.statusCode, 412)
  t.match(late.json(), { code: 'precondition_failed', detail: /^generation 2\.0 is there now/ })
  t.match((await read()).body, `${sid}-newer`)
  t.same(
    audit().map(({ outcome }) => outcome),
    ['precondition_failed', 'published', 'precondition_failed'],
  )
})

t.test('without saying so it is refused, and what says neither as well', async (t) => {
  const { put, publish, etag } = await serve(t)
  await publish()
  const present = await etag()
  t.match(await put({}), { statusCode: 428, headers: { 'cache-control': 'no-store' } })
  t.match((await put({})).json(), { code: 'precondition_required' })
  for (const headers of [
    { 'if-match': '*' },
    { 'if-match': present.replaceAll('"', '') },
    { 'if-none-match': present },
    { 'if-match': present, 'if-none-match': '*' },
  ])
    t.match((await put(headers)).json(), { code: 'request_invalid' }, JSON.stringify(headers))
  t.match(await put({ 'if-match': `W/${present}` }), { statusCode: 412 }, 'a weak one names none')
  t.match(await put({ 'if-match': `"1.0-other", ${present}` }), { statusCode: 200 }, 'one of several fits')
})

t.test('a state that looks anonymous replaces nothing', async (t) => {
  const { put, etag, publish } = await serve(t)
  await publish()
  const before = await etag()
  const answer = await put({ 'if-match': before }, anonymous)
  t.equal(answer.statusCode, 422)
  t.match(answer.json(), { code: 'state_not_signed_in', detail: /same with and without the session/ })
  t.equal(await etag(), before)
  const elsewhere = { ...sampleState, landedUrl: 'https://other.example/account' }
  t.match((await put({ 'if-match': before }, elsewhere)).json(), { code: 'state_not_signed_in' })
  t.equal(await etag(), before)
})

t.test('it is shown at the page where it was seen', async (t) => {
  const seen: string[] = []
  const { put } = await serve(t, {
    look: (request) => {
      seen.push(request.url)
      return look(request)
    },
  })
  const landedUrl = 'https://www.shop.example/account'
  t.equal((await put(first, { ...sampleState, landedUrl })).statusCode, 201)
  t.same(new Set(seen), new Set([landedUrl]))
})

t.test('a site that does not answer says nothing of the state', async (t) => {
  const { put, read } = await serve(t, { look: () => Promise.reject(new SiteUnreachableError('away')) })
  const answer = await put(first)
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { code: 'check_unclear' })
  t.ok(Number(answer.headers['retry-after']) > 0)
  t.equal((await read()).statusCode, 404)
})

t.test('a cookie that no browser would take is named, its value is not', async (t) => {
  const { put, lines } = await serve(t)
  const answer = await put(first, withSid({ sameSite: 'None', secure: false, value: canary }))
  t.match(answer.json(), {
    code: 'request_invalid',
    detail: 'body.cookies: sid of shop.example: SameSite=None needs Secure',
  })
  for (const part of [
    { domain: 'shop.example/' },
    { value: `${canary};` },
    { path: 'x' },
    { name: '__Host-a', path: '/x' },
  ])
    t.match((await put(first, withSid(part))).json(), { code: 'request_invalid', detail: /^body\.cookies: / })
  t.notMatch(answer.body, canary)
  t.notMatch(JSON.stringify(lines), canary)
})

t.test('nothing of another site goes into everybody’s Chrome', async (t) => {
  const { put, read, audit } = await serve(t)
  const [cookie] = sampleState.cookies
  const of = (part: object) => ({ ...sampleState, cookies: [...sampleState.cookies, { ...cookie, ...part }] })
  for (const [body, named] of [
    [of({ domain: 'bank.example' }), 'the cookie sid of bank.example'],
    [of({ domain: 'evil-shop.example' }), 'the cookie sid of evil-shop.example'],
    [of({ domain: 'bank.example', partitionKey: 'https://bank.example' }), 'the cookie sid of bank.example'],
    [
      { ...sampleState, origins: [{ origin: 'https://bank.example', localStorage: [] }] },
      'the storage of https://bank.example',
    ],
  ] as const) {
    const { code, detail } = (await put(first, body)).json()
    t.match(
      [code, detail],
      ['request_invalid', `body: ${named} belong to none of the sites of shop (shop.example)`],
    )
    t.notMatch(detail, canary)
  }
  t.equal((await read()).statusCode, 404)
  t.equal(audit().length, 4)
  const widget = { domain: 'widget.example', partitionKey: 'https://www.shop.example' }
  t.equal((await put(first, of(widget))).statusCode, 201, 'what is partitioned below the site is the site’s')
})

t.test('the client hints of its browser are served with it', async (t) => {
  const { put, read } = await serve(t)
  t.equal((await put(first, { ...sampleState, userAgentMetadata: hints })).statusCode, 201)
  t.same((await read()).json().userAgentMetadata, hints)
})

t.test('a body that is no state is refused by its field', async (t) => {
  const { put } = await serve(t)
  for (const [body, detail] of [
    [{ ...sampleState, extra: canary }, /body/],
    [{ ...sampleState, userAgent: 'x\r\ny' }, /body\.userAgent/],
    [
      { ...sampleState, userAgentMetadata: { ...hints, platform: 'x\r\ny' } },
      /body\.userAgentMetadata\.platform/,
    ],
    [{ ...sampleState, cookies: {} }, /body\.cookies/],
    [{ ...sampleState, origins: [{ origin: 'https://shop.example/', localStorage: [] }] }, /body\.origins/],
    [{ ...sampleState, landedUrl: 'file:///etc/passwd' }, /body\.landedUrl/],
  ] as const) {
    const answer = await put(first, body)
    t.match(answer.json(), { code: 'request_invalid', detail })
    t.notMatch(answer.body, canary)
  }
})

t.test('it may be larger than other bodies, and not without end', async (t) => {
  const { put, app } = await serve(t)
  const stateOf = (bytes: number) => ({
    ...sampleState,
    origins: [{ origin: 'https://shop.example', localStorage: [{ name: 'a', value: 'x'.repeat(bytes) }] }],
  })
  t.equal((await put(first, stateOf(1_000_000))).statusCode, 201)
  const tooLarge = await put(first, stateOf(8 * 1024 * 1024))
  t.equal(tooLarge.statusCode, 413)
  t.match(tooLarge.json(), { code: 'body_too_large', detail: 'the body is larger than 8192 kB' })
  const other = await app.inject({
    ...{ method: 'POST', url: '/session/refresh', headers: bearer('refresher') },
    body: { reason: 'x'.repeat(70_000) },
  })
  t.match(other.json(), { code: 'body_too_large', detail: 'the body is larger than 64 kB' })
})

t.test('of many at once exactly one wins, also where the lock holds nobody off', async (t) => {
  const lease = { validForMs: () => 4_000, release: async () => undefined }
  const mutex = { tryAcquire: async () => lease, close: async () => undefined }
  const { put, etag, publish, read } = await serve(t, { mutex })
  await publish()
  const headers = { 'if-match': await etag() }
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => put(headers, withSid({ value: `${sid}-${index}` }))),
  )
  const statuses = answers.map(({ statusCode }) => statusCode)
  t.same(statuses.toSorted(), [200, ...Array.from({ length: 11 }, () => 412)])
  t.match((await read()).body, `"${sid}-${statuses.indexOf(200)}"`)
  t.match((await read()).json(), { generation: 2 })
})

t.test('it is for the scope write, and for the sessions of the key', async (t) => {
  const { put, app, audit } = await serve(t)
  for (const key of ['reader', 'refresher', 'operator', 'admin'])
    t.match((await put(first, sampleState, key)).json(), { code: 'scope_missing', detail: /\bwrite\b/ }, key)
  const other = await app.inject({
    ...{ method: 'PUT', url: '/session/cookies?session=other', headers: { ...bearer('writer'), ...first } },
    body: sampleState,
  })
  t.match(other.json(), { code: 'session_unknown' })
  t.same(audit(), [])
})

t.test('of many that are wrong the first five are named', async (t) => {
  const { put } = await serve(t)
  const [cookie] = sampleState.cookies
  const six = (part: object) => ({
    ...sampleState,
    cookies: Array.from({ length: 7 }, (_, at) => ({ ...cookie, name: `c${at}`, ...part })),
  })
  const foreign = (await put(first, six({ domain: 'bank.example' }))).json()
  t.match(foreign.detail, 'the cookie c4 of bank.example, and 2 more belong to none of the sites')
  const unsound = (await put(first, six({ value: ';' }))).json()
  t.match(unsound.detail, /^body\.cookies: c0 of .*; c4 of .*; and 2 more$/)
})
