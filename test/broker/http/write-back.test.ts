import type { Cookie, SessionState } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type { SiteLook } from '../../../apps/broker/src/session/ports/site-look.ts'
import { bearer, buildTestServer, canary, sampleState } from './build-test-server.ts'

const value = `${canary}-sid`

/** A site that knows whoever has a `sid` that begins so, and gives it the next value each time. */
const look: SiteLook = async ({ url, state }) => {
  const sid = state?.cookies.find(({ name }) => name === 'sid')?.value
  const isMember = sid?.startsWith(value) ?? false
  const status = isMember ? 200 : 401
  return {
    sighting: { status, finalUrl: url, body: '' },
    ...(state && { state: isMember ? rotated(state) : state }),
  }
}
const rotated = (state: SessionState): SessionState => ({
  ...state,
  cookies: state.cookies.map((one) => (one.name === 'sid' ? { ...one, value: `${one.value}+` } : one)),
})
const withSid = (sid: string): Cookie[] => [
  {
    ...{ name: 'sid', value: sid, domain: 'shop.example', path: '/', expires: -1 },
    ...{ httpOnly: true, secure: true },
  },
]

async function serve(t: Test, { writeBack = true } = {}) {
  const server = await buildTestServer({ look, definition: { writeBack } })
  t.teardown(server.close)
  await server.publish()
  const put = (headers: Record<string, string>, body: object, key = 'writer') =>
    server.app.inject({
      ...{ method: 'PUT', url: '/session/cookies?session=shop' },
      ...{ headers: { ...bearer(key), ...headers }, body },
    })
  const read = () => server.app.inject({ url: '/session/cookies?session=shop', headers: bearer('reader') })
  const etag = async () => String((await read()).headers.etag)
  const claim = (body: object, key = 'writer') =>
    server.app.inject({
      ...{ method: 'POST', url: '/session/writer?session=shop', headers: bearer(key), body },
    })
  const audit = () => server.lines.filter(({ level }) => level === 'audit')
  return { ...server, put, read, etag, claim, audit }
}

const revision = (cookies: readonly Cookie[]) => ({ as: 'revision', cookies })

t.test(
  'what a Chrome has made of the state is its next revision, with what the check made of that',
  async (t) => {
    const { put, read, etag, audit } = await serve(t)
    const before = (await read()).json()
    const answer = await put({ 'if-match': await etag() }, revision(withSid(value)))
    t.equal(answer.statusCode, 200)
    t.same(answer.json(), { session: 'shop', generation: 1, revision: 1 })
    const after = await read()
    t.equal(after.headers.etag, answer.headers.etag)
    t.same(after.json().cookies, withSid(`${value}+`))
    const { obtainedAt, origins, userAgent } = after.json()
    t.same({ obtainedAt, origins, userAgent }, { ...pick(before), ...pick(sampleState) }, 'the rest stays')
    t.match(audit(), [
      {
        ...{ message: 'a session was written back', session: 'shop', key: 'writer' },
        ...{ generation: 1, revision: 1, outcome: 'published' },
      },
    ])
  },
)

const pick = (from: Partial<Record<'obtainedAt' | 'origins' | 'userAgent', unknown>>) =>
  Object.fromEntries(
    (['obtainedAt', 'origins', 'userAgent'] as const).flatMap((name) =>
      from[name] === undefined ? [] : [[name, from[name]]],
    ),
  )

t.test('the later of two is told so, and what is not signed in as well', async (t) => {
  const { put, read, etag, audit } = await serve(t)
  const headers = { 'if-match': await etag() }
  t.equal((await put(headers, revision(withSid(value)))).statusCode, 200)
  t.match((await put(headers, revision(withSid(`${value}-late`)))).json(), { code: 'precondition_failed' })
  const now = { 'if-match': await etag() }
  const refused = await put(now, revision(withSid('of-nobody')))
  t.equal(refused.statusCode, 422)
  t.match(refused.json(), { code: 'state_not_signed_in' })
  t.equal(await etag(), now['if-match'])
  t.equal((await read()).headers['session-status'], 'live')
  t.same(
    audit().map(({ message, outcome }) => [message, outcome]),
    [
      ['a session was written back', 'published'],
      ['a write-back was refused', 'precondition_failed'],
      ['a write-back was refused', 'state_not_signed_in'],
    ],
  )
})

t.test('it names exactly one state, and brings cookies of the session’s sites alone', async (t) => {
  const { put, etag, read } = await serve(t)
  const present = await etag()
  const sound = revision(withSid(value))
  t.match((await put({}, sound)).json(), { code: 'precondition_required' })
  for (const headers of [{ 'if-match': '*' }, { 'if-none-match': '*' }])
    t.match((await put(headers, sound)).json(), { code: 'request_invalid' })
  const headers = { 'if-match': present }
  const [cookie] = withSid(value)
  for (const body of [
    revision([{ ...cookie, domain: 'bank.example' } as Cookie]),
    revision([{ ...cookie, value: `${canary};` } as Cookie]),
    { ...sound, origins: [] },
    { ...sound, as: 'something' },
    { as: 'revision' },
    { ...sampleState, as: 'revision' },
  ]) {
    const answer = await put(headers, body)
    t.match(answer.json(), { code: 'request_invalid' })
    t.notMatch(answer.body, canary)
  }
  t.equal(await etag(), present)
  t.equal((await read()).json().revision, 0)
})

t.test('where it is off, neither', async (t) => {
  const { put, etag, claim } = await serve(t, { writeBack: false })
  const answer = await put({ 'if-match': await etag() }, revision(withSid(value)))
  t.equal(answer.statusCode, 409)
  t.match(answer.json(), { code: 'write_back_off', detail: /sessions\.shop\.writeBack: true/ })
  t.match((await claim({ worker: 'one' })).json(), { code: 'write_back_off' })
})

t.test('one worker is the writer, until its time is over or it says so', async (t) => {
  const { claim, clock } = await serve(t)
  const first = await claim({ worker: 'one' })
  t.equal(first.statusCode, 200)
  const expiresAt = new Date(clock.now() + 30_000).toISOString()
  t.same(first.json(), { session: 'shop', worker: 'one', isYou: true, expiresAt })
  t.same((await claim({ worker: 'two' })).json(), { session: 'shop', worker: 'one', isYou: false, expiresAt })
  clock.advance(30_001)
  t.match((await claim({ worker: 'two' })).json(), { worker: 'two', isYou: true })
  t.match((await claim({ worker: 'one', release: true })).json(), { worker: 'two', isYou: false })
  const nobody = { session: 'shop', worker: null, isYou: false, expiresAt: null }
  t.same((await claim({ worker: 'two', release: true })).json(), nobody)
  t.match((await claim({ worker: 'one' })).json(), { isYou: true })
})

t.test('both want the scope write', async (t) => {
  const { put, claim } = await serve(t)
  for (const key of ['reader', 'refresher', 'operator', 'admin']) {
    const answers = [
      await put({ 'if-match': '"1.0-x"' }, revision(withSid(value)), key),
      await claim({ worker: 'one' }, key),
    ]
    for (const answer of answers) t.match(answer.json(), { code: 'scope_missing', detail: /\bwrite\b/ })
  }
})
