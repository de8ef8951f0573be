import { randomBytes } from 'node:crypto'
import { findChrome, launchChrome } from '@session-broker/chrome'
import type { Cookie } from '@session-broker/shared'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import { type BrowserContext, chromium, type Page } from 'playwright'
import t, { type Test } from 'tap'
import { until } from '../redis/until.ts'
import { times } from '../times.ts'
import { startWorkerProgram } from '../worker/cli/run-worker-program.ts'

// A site that gives the session's cookie a new value each minute, and ends the session of whoever shows a former one half a minute later. Its
// time is the test's: within a minute all may take as long as they do.
t.setTimeout(600_000)
const { path } = await findChrome()

const minutes = times(6)
const minuteMs = 60_000
const longMs = 90_000

async function openSite(t: Test) {
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const rotating = { rotateEveryMs: minuteMs, graceMs: minuteMs / 2, staleCookie: 'kills_session' } as const
  const site = await startSite({ ...rotating, now: () => clock.ms })
  t.teardown(() => site.close())
  const passMinute = () => {
    clock.ms += minuteMs
  }
  return { site, passMinute }
}

interface Server {
  worker: ReturnType<typeof startWorkerProgram>
  context: BrowserContext
  page: Page
}

/** A Chrome with a tab, and a worker beside it that has signed it in. */
async function openServer(
  t: Test,
  { broker, site, id, more }: { broker: BrokerProcess; site: LocalSite; id: string; more: string[] },
): Promise<Server> {
  const chrome = await launchChrome({ path, headless: true })
  t.teardown(() => chrome.close())
  const given = ['--broker', broker.url, '--session', 'shop', '--chrome', chrome.cdpUrl, '--id', id]
  // A look is a request, too: none by itself.
  const args = ['run', ...given, '--look-every', '10h', ...more]
  const worker = startWorkerProgram(args, { SESSION_BROKER_KEY: broker.key })
  t.teardown(() => worker.stop('SIGKILL'))
  await worker.line('signed in here')
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  t.teardown(() => browser.close())
  const [context] = browser.contexts()
  if (!context) throw new Error('this Chrome has no default context')
  const page = await context.newPage()
  await page.goto(site.url)
  await hasLoaded(page)
  return { worker, context, page }
}

/** Its script asks the site once more. */
const hasLoaded = (page: Page) => page.locator('#device', { hasText: '…' }).waitFor({ timeout: longMs })

async function sidIn({ context }: Server, name = 'sid'): Promise<string | undefined> {
  return (await context.cookies()).find((cookie) => cookie.name === name)?.value
}

async function sidOf(broker: BrokerProcess, name = 'sid'): Promise<string | undefined> {
  const { body } = await broker.call('/session/cookies')
  return (body.cookies as Cookie[]).find((cookie) => cookie.name === name)?.value
}

async function revisionOf(broker: BrokerProcess) {
  const { generation, revision, status } = (await broker.call('/session')).body
  return { generation, revision, status }
}

/** Somebody works there: the site gives this Chrome a new value. */
async function use(server: Server, site: LocalSite): Promise<string> {
  const before = await sidIn(server)
  await server.page.reload()
  await server.page.getByText(site.signedInText).waitFor({ timeout: longMs })
  await hasLoaded(server.page)
  const now = await sidIn(server)
  if (now === undefined || now === before) throw new Error('it was not rotated')
  return now
}

async function isSignedIn({ page }: Server, site: LocalSite): Promise<boolean> {
  await page.reload()
  const seen = page.getByText(site.signedInText).or(page.locator('input[type=password]'))
  await seen.waitFor({ timeout: longMs })
  const isIn = await page.getByText(site.signedInText).isVisible()
  if (isIn) await hasLoaded(page)
  return isIn
}

/** Right after a state was put in, a cookie that is gone is taken for undone by a late answer, and put in again; once. */
async function lose(server: Server, name: string): Promise<void> {
  await server.context.clearCookies({ name })
  const isBack = async () => (await sidIn(server, name)) !== undefined
  await until(isBack, 5_000).catch(() => undefined)
  if (await isBack()) await server.context.clearCookies({ name })
}

/** Everybody else has the value that one Chrome was given. */
const hasArrived = (value: string, others: (() => Promise<string | undefined>)[]) =>
  until(async () => (await Promise.all(others.map((other) => other()))).every((one) => one === value), longMs)

const quick = ['--write-back', '100ms']

async function cast(t: Test, { brokers = 1, writeBack = true, more = quick } = {}) {
  const { site, passMinute } = await openSite(t)
  const redis = brokers > 1 ? await startRedis() : undefined
  if (redis) t.teardown(() => redis.close())
  const secretKey = randomBytes(32).toString('hex')
  const { loginUrl, username, password, check } = site
  const shop = { loginUrl, username, password, check, writeBack }
  const started = await Promise.all(
    Array.from({ length: brokers }, () =>
      startBroker({ sites: { shop }, ...(redis && { redisUrl: redis.url, secretKey }) }),
    ),
  )
  for (const broker of started) t.teardown(() => broker.close())
  const [broker, other = broker] = started
  if (!broker || !other) throw new Error('a broker is wanted')
  t.match(await broker.refresh(), { status: 200, body: { generation: 1, outcome: 'renewed' } })
  const [first, second] = await Promise.all([
    openServer(t, { broker, site, id: 'first', more }),
    openServer(t, { broker: other, site, id: 'second', more }),
  ])
  const logins = () => site.stats().loginsStarted
  return { site, passMinute, broker, other, first, second, logins }
}

t.test('a new value each minute, and the Chrome at the other broker stays signed in', async (t) => {
  const { site, passMinute, broker, other, first, second, logins } = await cast(t, { brokers: 2 })

  await t.test('a Chrome that is signed out gives nothing back, and is signed in again', async (t) => {
    const before = await revisionOf(broker)
    const value = await sidOf(broker)
    const lose = async () => {
      await second.context.clearCookies({ name: 'sid' })
      await until(async () => (await sidIn(second)) === value, longMs)
      await second.worker.line('signed out here', 1, 3_000).catch(() => undefined)
    }
    await lose()
    // Right after a state was put in, a cookie that is gone is taken for undone by a late answer, and put in again; once.
    if (second.worker.said('signed out here').length === 0) await lose()
    await second.worker.line('signed in here', 2)
    t.match(second.worker.said('refresh answered'), [{ outcome: 'alive' }])
    t.equal(second.worker.said('written back').length, 0)
    t.same(await revisionOf(broker), before)
  })

  for (let minute = 1; minute <= minutes; minute++) {
    passMinute()
    const value = await use(first, site)
    await hasArrived(value, [() => sidOf(broker), () => sidOf(other), () => sidIn(second)])
    if (minute % 3 === 0) t.ok(await isSignedIn(second, site), `the other, after ${minute}`)
  }
  t.equal(site.sessions()[0]?.rotations, minutes)
  await first.worker.line('written back', minutes)
  const reasons = [first, second].map(({ worker }) => worker.said('written back').map(({ reason }) => reason))
  t.same(reasons, [Array.from({ length: minutes }, () => 'sid'), []])
  t.match(await revisionOf(broker), { generation: 1, revision: minutes, status: 'live' })
  for (const each of [broker, other]) {
    t.match(await each.refresh(), { body: { generation: 1, outcome: 'alive' } }, 'the brokers, too')
  }
  t.equal(logins(), 1)

  await t.test('kill -9 of the one that wrote: the other writes within its half minute', async (t) => {
    await first.worker.stop('SIGKILL')
    const killedAtMs = performance.now()
    passMinute()
    const value = await use(second, site)
    await hasArrived(value, [() => sidOf(broker), () => sidOf(other)])
    t.ok(performance.now() - killedAtMs < 60_000)
    // The brokers know of it a moment before the worker says so.
    await second.worker.line('written back')
    t.match(second.worker.said('written back'), [{ generation: 1, revision: minutes + 1 }])
    t.equal(logins(), 1)
  })
})

t.test(
  'what has changed is given back at SIGTERM; of two that have, the later merges, and nothing is lost',
  async (t) => {
    const { site, passMinute, broker, first, second, logins } = await cast(t, {
      more: ['--write-back', '1h'],
    })
    const set = ({ context }: Server, name: string) =>
      context.addCookies([{ name, value: 'here', domain: '127.0.0.1', path: '/' }])
    await Promise.all([set(first, 'one'), set(second, 'two')])
    await lose(first, 'theme')
    passMinute()
    const value = await use(first, site)
    t.not(await sidOf(broker), value, 'nobody writes before the end')
    t.equal(await first.worker.stop(), 0)
    await hasArrived(value, [() => sidOf(broker), () => sidIn(second)])
    t.equal(await second.worker.stop(), 0)
    const written = [first, second].flatMap(({ worker }) => worker.said('written back'))
    t.same(written.map(({ revision }) => revision).toSorted(), [1, 2])
    const held = await Promise.all(['one', 'two', 'theme', 'sid'].map((name) => sidOf(broker, name)))
    t.same(held, ['here', 'here', undefined, value])
    t.equal(logins(), 1)
  },
)

t.test('without it, the same site ends the session', async (t) => {
  const { site, passMinute, broker, first, second } = await cast(t, { writeBack: false, more: [] })
  passMinute()
  await use(first, site)
  passMinute()
  t.notOk(await isSignedIn(second, site))
  t.same(site.sessions(), [], 'for everybody')
  t.match(await revisionOf(broker), { generation: 1, revision: 0 })
})
