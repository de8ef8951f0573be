import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Answer,
  type BrokerProcess,
  type BrokerProcessOptions,
  startBroker,
} from '@session-broker/stage/broker'
import { type Door, startGallery } from '@session-broker/stage/gallery'
import { startRedis } from '@session-broker/stage/redis'
import t, { type Test } from 'tap'
import { type ServedSession, sessionAt } from './session-at.ts'

// Ten logins with people in them, some of which wait for a time to be over.
t.setTimeout(400_000)

const gallery = await startGallery({
  only: ['mailed-code', 'approve-on-phone', 'image-captcha', 'picture-to-click', 'plain-form'],
})
t.teardown(() => gallery.close())

type Asked = Answer & { body: { id: string; kind: string } }

const budget = { challengesPerDay: 3, loginsPerDay: 10, failedPerDay: 3 }

async function serve(t: Pick<Test, 'teardown'>, options: BrokerProcessOptions): Promise<BrokerProcess> {
  const broker = await startBroker({ budget, loginTimeout: '40s', ...options })
  t.teardown(() => broker.close())
  return broker
}

/** Calls of the webhook: each session's first try fails, and is made once more. */
const calls: { headers: IncomingHttpHeaders; text: string; data: { session: string } }[] = []
const receiver = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const { data } = JSON.parse(text)
  const isFirst = calls.every((call) => call.data.session !== data.session)
  calls.push({ headers: request.headers, text, data })
  response.writeHead(isFirst ? 500 : 204).end()
})
const mailbox = createServer(async (_request, response) =>
  response.end(await gallery.door('mailed-code').nextCode()),
)
const [hookUrl, mailUrl] = await Promise.all([receiver, mailbox].map(listen))

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const fetchCode = `fetch('${mailUrl}').then((answer) => answer.text()).then(console.log)`

/** The broker of all who need none of their own. */
const common = await serve(t, {
  sites: {
    phone: gallery.door('approve-on-phone'),
    picture: gallery.door('picture-to-click'),
    letters: gallery.door('image-captcha'),
    person: { ...gallery.door('plain-form'), byPerson: true },
    mailed: gallery.door('mailed-code'),
    command: {
      ...gallery.door('mailed-code'),
      login: { code: `cmd:${JSON.stringify([process.execPath, '-e', fetchCode])}` },
    },
  },
  challenges: { webhook: { url: `${hookUrl}/hook`, secret: 'env:HOOK_SECRET' } },
  env: { HOOK_SECRET: 'a secret of the hook' },
})

/** What the site asks, once it asks something else than before, with a picture of its page. */
async function challengeAt(broker: ServedSession, before = ''): Promise<Asked> {
  const endMs = performance.now() + 60_000
  for (;;) {
    const answer = await broker.call('/session/challenge')
    if (answer.status === 200 && answer.body.picture && answer.body.id !== before) return answer as Asked
    if (performance.now() > endMs)
      throw new Error(`nobody is asked: ${JSON.stringify(answer.body)}\n${broker.said()}`)
    await delay(100)
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 60_000
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error('it never came to that')
    await delay(50)
  }
}

async function settled(operation: Promise<Answer>, broker: Pick<BrokerProcess, 'call'>): Promise<Answer> {
  const answer = await operation
  if (answer.status !== 202) return answer
  const path = answer.headers.get('location') ?? ''
  const endMs = performance.now() + 120_000
  for (;;) {
    const { body } = await broker.call(path)
    if (body.status !== 'running') return { ...answer, body }
    if (performance.now() > endMs) throw new Error('the login does not end')
    await delay(200)
  }
}

/** Looks until the page has nothing new to show. @returns the status that says so. */
async function statusAtRest(broker: ServedSession, first: string): Promise<number> {
  for (let etag = first; ; ) {
    const { status, headers } = await broker.call('/session/challenge', {
      headers: { 'if-none-match': etag },
    })
    if (status !== 200) return status
    etag = headers.get('etag') ?? ''
  }
}

const say = (broker: ServedSession, body: object) =>
  broker.call('/session/challenge', { method: 'POST', body })

async function isServed(broker: ServedSession, door: Door): Promise<boolean> {
  const { body } = await broker.call('/session/cookies')
  return door.isSignedIn(body)
}

t.test('a mailed code: a person types it, at another broker than the one that logs in', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.close())
  const door = gallery.door('mailed-code')
  const sites = { shop: door }
  const shared = { sites, redisUrl: redis.url, secretKey: randomBytes(32).toString('hex') }
  const [broker, other] = await Promise.all([serve(t, shared), serve(t, shared)])
  t.match(await other.call('/session/challenge'), { status: 404, body: { code: 'challenge_absent' } })

  const login = broker.refresh()
  const { body, headers } = await challengeAt(other)
  t.match(body, { session: 'shop', kind: 'code', prompt: /We hebben een code/, page: `${door.url}/inlog` })
  const picture = Buffer.from(String((body as { picture?: { data: string } }).picture?.data), 'base64')
  t.same(picture.subarray(0, 3), Buffer.from([0xff, 0xd8, 0xff]), 'the picture is a JPEG')
  const { body: summary } = await other.call('/session')
  t.match(summary, {
    login: { phase: 'challenged', challenge: { id: body.id, kind: 'code' } },
    budget: { challengesLeft: 2 },
  })
  t.equal(await statusAtRest(other, headers.get('etag') ?? ''), 304, 'a page that rests is not sent again')

  t.match(await say(other, { id: 'another', code: '123456' }), {
    status: 404,
    body: { code: 'challenge_absent' },
  })
  t.match(await say(other, { id: body.id, code: 'a b' }).then(({ status }) => status), 202)
  const again = await challengeAt(other, body.id)
  t.match(
    again.body,
    { kind: 'code', prompt: /Deze code klopt niet/ },
    'a slip is asked again, in the site’s words',
  )
  const code = await door.nextCode()
  t.match(await say(other, { id: again.body.id, code }), {
    status: 202,
    body: { session: 'shop', id: again.body.id },
  })
  t.match((await settled(login, broker)).body, { result: undefined, generation: 1, outcome: 'renewed' })
  t.ok(await isServed(other, door))
  t.equal(door.stats().passwords, 1, 'the password was sent once')
  t.match(await say(other, { id: again.body.id, code }), { status: 404 }, 'it is over')
  for (const text of [broker.said(), other.said()]) t.notMatch(text, code)
  t.match(other.said(), /a challenge was answered/)
})

t.test('a broker that dies while it asks does not hold the account up', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.close())
  const door = gallery.door('approve-on-phone')
  const shared = {
    ...{ redisUrl: redis.url, secretKey: randomBytes(32).toString('hex'), loginTimeout: '10s' },
    ...{ challenges: { timeout: '60m' }, sites: { shop: door } },
  }
  door.forget()
  const [broker, other] = await Promise.all([serve(t, shared), serve(t, shared)])
  void broker.refresh().catch(() => undefined)
  const { body: asked } = await challengeAt(broker)
  await broker.kill9()
  const diedMs = performance.now()
  const login = other.refresh()
  await challengeAt(other, asked.id)
  t.ok(performance.now() - diedMs < 50_000, 'after the time of a login, not after that of people')
  door.approve()
  t.match((await settled(login, other)).body, { generation: 1, outcome: 'renewed' })
})

t.test('an approval on a phone ends by itself when the page moves on', async (t) => {
  const door = gallery.door('approve-on-phone')
  door.forget()
  const broker = sessionAt(common, 'phone')
  const login = broker.refresh()
  const { body } = await challengeAt(broker)
  t.match(body, { kind: 'approval', prompt: /enter the number shown/ })
  t.match(await say(broker, { id: body.id, code: '123456' }), {
    status: 400,
    body: { code: 'request_invalid' },
  })
  door.approve()
  t.match((await settled(login, common)).body, { generation: 1, outcome: 'renewed' })
  t.ok(await isServed(broker, door))
})

t.test(
  'a person who gives up ends the login, and so does the end of the time, and no more are asked',
  async (t) => {
    const door = gallery.door('approve-on-phone')
    door.forget()
    const broker = await serve(t, {
      sites: { shop: door },
      challenges: { timeout: '10s' },
      budget: { ...budget, challengesPerDay: 2 },
    })
    const login = broker.refresh()
    const { body } = await challengeAt(broker)
    await say(broker, { id: body.id, giveUp: true })
    t.match((await settled(login, broker)).body, {
      code: 'login_challenge_timeout',
      detail: /a person gave up/,
    })

    await broker.call('/session/reset', { method: 'POST', body: {} })
    const late = await settled(broker.refresh(), broker)
    t.match(late.body, { code: 'login_challenge_timeout', detail: /nobody answered within/ })
    t.match((await broker.call('/session')).body, { budget: { challengesLeft: 0 } })

    await broker.call('/session/reset', { method: 'POST', body: {} })
    const unasked = await settled(broker.refresh(), broker)
    t.match(
      unasked.body,
      { code: 'login_challenge_timeout', detail: /2 times in 24 hours/ },
      'people are asked no more often than the budget allows',
    )
  },
)

t.test('a captcha: a person looks at the page and clicks, and the login goes on', async (t) => {
  const door = gallery.door('picture-to-click')
  const broker = sessionAt(common, 'picture')
  door.setMood('captcha')
  const login = broker.refresh()
  const { body } = await challengeAt(broker)
  t.match(body, { kind: 'captcha', prompt: /Click the lighthouse/, picture: { width: 1280, height: 720 } })
  t.match(await say(broker, { id: body.id, click: { x: 340, y: 230 } }), { status: 202 })
  t.match((await settled(login, common)).body, { generation: 1, outcome: 'renewed' })
  t.ok(await isServed(broker, door))
})

t.test('letters in a picture are a captcha, too', async (t) => {
  const door = gallery.door('image-captcha')
  const broker = sessionAt(common, 'letters')
  door.setMood('captcha')
  const login = broker.refresh()
  const { body } = await challengeAt(broker)
  t.match(body, { kind: 'captcha' })
  await say(broker, { id: body.id, giveUp: true })
  t.match((await settled(login, common)).body, { code: 'login_captcha', detail: /a person gave up/ })
})

t.test('a person signs in by hand, on a page that the broker has opened', async (t) => {
  const door = gallery.door('plain-form')
  const broker = sessionAt(common, 'person')
  const login = broker.refresh()
  const { body } = await challengeAt(broker)
  t.match(body, { kind: 'sign_in' })
  for (const input of [
    { press: 'Tab' },
    { type: door.username },
    { press: 'Tab' },
    { type: door.password },
    { press: 'Enter' },
  ]) {
    t.equal((await say(broker, { id: body.id, ...input })).status, 202)
  }
  await until(() => door.stats().passwords > 0)
  await say(broker, { id: body.id, done: true })
  t.match((await settled(login, common)).body, { generation: 1, outcome: 'renewed' })
  t.ok(await isServed(broker, door))
  t.notMatch(broker.said(), door.password)
})

t.test('a command gets the code without a person', async (t) => {
  const door = gallery.door('mailed-code')
  door.forget()
  const broker = sessionAt(common, 'command')
  t.match((await settled(broker.refresh(), common)).body, { generation: 1, outcome: 'renewed' })
  t.ok(await isServed(broker, door))
})

t.test('a webhook is told, with a signature, and of nothing that is secret', async (t) => {
  const door = gallery.door('mailed-code')
  door.forget()
  const broker = sessionAt(common, 'mailed')
  const told = () => calls.filter(({ data }) => data.session === 'mailed')
  const login = broker.refresh()
  const { body } = await challengeAt(broker)
  await until(() => told().length >= 2)
  const code = await door.nextCode()
  await say(broker, { id: body.id, code })
  t.match((await settled(login, common)).body, { outcome: 'renewed' })
  await until(() => told().length >= 3)
  t.equal(
    told()[0]?.headers['webhook-id'],
    told().filter(({ text }) => text.includes('opened'))[1]?.headers['webhook-id'],
  )
  for (const { headers, text } of told()) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
    const expected = createHmac('sha256', 'a secret of the hook').update(signed).digest('base64')
    t.equal(headers['webhook-signature'], `v1,${expected}`)
    t.notMatch(text, code)
    t.notMatch(text, door.username)
  }
  const bodies = told().map(({ text }) => JSON.parse(text))
  t.match(bodies[0], { type: 'challenge.opened', data: { session: 'mailed', id: body.id, kind: 'code' } })
  t.match(
    bodies.find(({ type }) => type === 'challenge.closed'),
    { data: { id: body.id, outcome: 'answered' } },
  )
  t.notMatch(broker.said(), 'a secret of the hook')
})
