import { findChrome, launchChrome } from '@session-broker/chrome'
import { startBroker } from '@session-broker/stage/broker'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import { type BrowserContext, chromium } from 'playwright'
import t, { type Test } from 'tap'
import { startWorkerProgram } from '../worker/cli/run-worker-program.ts'

// A person signs in by hand in one Chrome, and all others get that session: the real programs, and a site that wants the cookie and
// the device id from localStorage. The broker does not know the password.
// Chromes one after the other, and the checks of the broker's own: half a minute where nothing else runs.
t.setTimeout(300_000)
const { path } = await findChrome()
const site = await startSite({ requireDeviceId: true })
t.teardown(() => site.close())
const { loginUrl, username } = site
const broker = await startBroker({
  sites: { shop: { loginUrl, username, password: 'not known to the broker' } },
})
t.teardown(() => broker.close())
const personsChrome = await launchChrome({ path, headless: true })
t.teardown(() => personsChrome.close())

const env = { SESSION_BROKER_KEY: broker.key }
const session = async () => (await broker.call('/session?session=shop')).body

async function inChrome<T>(cdpUrl: string, act: (context: BrowserContext) => Promise<T>): Promise<T> {
  const browser = await chromium.connectOverCDP(cdpUrl)
  try {
    const [context] = browser.contexts()
    if (!context) throw new Error('this Chrome has no default context')
    return await act(context)
  } finally {
    await browser.close()
  }
}

/** As a person does: types, presses, and leaves the tab open. */
function signInByHand(
  cdpUrl: string,
  { loginUrl, username, password, signedInText }: LocalSite,
): Promise<void> {
  return inChrome(cdpUrl, async (context) => {
    const page = await context.newPage()
    await page.goto(loginUrl)
    await page.locator('input[name=username]').pressSequentially(username)
    await page.locator('input[type=password]').pressSequentially(password)
    await page.keyboard.press('Enter')
    await page.getByText(signedInText).waitFor()
  })
}

function isSignedIn(cdpUrl: string): Promise<boolean> {
  return inChrome(cdpUrl, async (context) => {
    const page = await context.newPage()
    await page.goto(site.url)
    const greeting = page.getByText(site.signedInText)
    await greeting.or(page.locator('input[type=password]')).waitFor({ timeout: 60_000 })
    return greeting.isVisible()
  })
}

async function capture(cdpUrl: string, ...more: string[]) {
  const given = ['--broker', broker.url, '--session', 'shop', '--chrome', cdpUrl, ...more]
  const program = startWorkerProgram(['capture', ...given], env)
  const code = await program.ended
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}

async function cleanChrome(t: Test): Promise<string> {
  const chrome = await launchChrome({ path, headless: true })
  t.teardown(() => chrome.close())
  return chrome.cdpUrl
}

t.test('before anybody has signed in there is nothing to capture', async (t) => {
  const { code, stderr } = await capture(personsChrome.cdpUrl)
  t.equal(code, 1)
  t.match(stderr, /^This Chrome holds nothing of 127\.0\.0\.1: sign in there first/)
  t.match(await session(), { status: 'absent', loginOrigin: site.url, sites: ['127.0.0.1'] })
})

t.test('what a person signed in to is the first generation, and signs a clean Chrome in', async (t) => {
  await signInByHand(personsChrome.cdpUrl, site)
  const { code, stdout, stderr } = await capture(personsChrome.cdpUrl)
  t.equal(stderr, '')
  t.equal(code, 0)
  t.match(
    stdout,
    /^shop: generation 1 is what everybody gets now\n {2}\d+ cookies?, the storage of 1 origin of 127\.0\.0\.1\n$/,
  )
  t.match(await session(), {
    status: 'live',
    generation: 1,
    check: { url: `${site.url}/` },
    budget: { loginsLeft: 10 },
  })

  const other = await cleanChrome(t)
  const run = ['run', '--broker', broker.url, '--session', 'shop', '--chrome', other]
  const worker = startWorkerProgram(run, env)
  t.teardown(() => worker.stop())
  await worker.line('signed in here')
  t.ok(await isSignedIn(other))
  t.ok(await isSignedIn(personsChrome.cdpUrl), 'and the person still is')
  t.equal(site.stats().loginsStarted, 1, 'by the person alone')
})

t.test('one that is alive is replaced only where that is said', async (t) => {
  const { code, stderr } = await capture(personsChrome.cdpUrl)
  t.equal(code, 1)
  t.match(
    stderr,
    /^shop is signed in: generation 1\.0, since .*--replace puts what this Chrome holds in its place/,
  )
  t.match(await capture(personsChrome.cdpUrl, '--replace', '--page', `${site.url}/`), { code: 0 })
  t.match(await session(), { status: 'live', generation: 2 })
})

t.test('a Chrome in which nobody is signed in is refused, and the session goes on', async (t) => {
  const anonymous = await cleanChrome(t)
  await inChrome(anonymous, async (context) => {
    const page = await context.newPage()
    await page.goto(site.loginUrl)
    await page.evaluate(() => localStorage.setItem('visited', 'yes'))
  })
  const { code, stderr } = await capture(anonymous, '--replace')
  t.equal(code, 1)
  t.match(stderr, /^The broker says state_not_signed_in: /)
  t.match(await session(), { status: 'live', generation: 2 })
})

t.test('a dead one is replaced without more words', async (t) => {
  site.killSessions()
  t.match(await capture(personsChrome.cdpUrl, '--replace'), { code: 1, stderr: /state_not_signed_in/ })
  await signInByHand(personsChrome.cdpUrl, site)
  // The broker's own look finds out; its password is wrong, and nothing is signed in by that.
  t.match((await broker.refresh({ generation: 2 })).body, { code: 'login_bad_credentials' })
  t.match(await session(), { status: 'dead', login: { phase: 'locked_out' } })
  t.match(await capture(personsChrome.cdpUrl), { code: 0, stdout: /generation 3 / })
  const { status, login } = await session()
  t.match(
    { status, login },
    { status: 'live', login: { phase: 'locked_out' } },
    'the wrong password stays where it is',
  )
})

t.test('forgotten with a log-out, the site knows nobody of it any more', async (t) => {
  const answer = await broker.call('/session?session=shop&logout=true', { method: 'DELETE' })
  t.match(answer, { status: 200, body: { generation: 3, forgotten: true, loggedOut: true } })
  t.match(await session(), { status: 'absent', generation: 3 })
  t.notOk(await isSignedIn(personsChrome.cdpUrl))
  t.match(
    (await broker.call('/session/cookies?session=shop')).body.code,
    'login_locked_out',
    'a first login is asked for',
  )
})

t.test('no secret of the person stands in the broker’s log', async (t) => {
  t.ok(broker.said().includes('a state was put'))
  t.notOk(broker.said().includes(site.password))
  for (const { value } of await inChrome(personsChrome.cdpUrl, (context) => context.cookies()))
    t.notOk(broker.said().includes(value))
})
