import { launchChrome } from '@session-broker/chrome'
import { toCdpCookie } from '@session-broker/shared'
import { freePort } from '@session-broker/stage/process'
import { chromium } from 'playwright'
import t from 'tap'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { json, openStream, problem, startScriptedBroker, until } from '../../client/scripted-broker.ts'
import { startWorkerProgram } from './run-worker-program.ts'
import { cookie, startSiteAndBroker, summary } from './site-and-broker.ts'

async function cookieValues(cdpUrl: string): Promise<string[]> {
  const chrome = await connectToChrome(cdpUrl)
  try {
    const { cookies } = await chrome.send('Storage.getCookies')
    return cookies.map(({ value }) => value)
  } finally {
    chrome.close()
  }
}

/** For those who leave it as it is. */
const shared = await launchChrome({ headless: true })
t.teardown(() => shared.close())

t.test(
  'attached: signs Chrome in, again after a sign-out and a restart, and leaves it as it is',
  async (t) => {
    const { url, refreshes, signOutEverywhere } = await startSiteAndBroker(t)
    const port = await freePort()
    let chrome = await launchChrome({ headless: true, port })
    t.teardown(() => chrome.close())
    const worker = startWorkerProgram([
      'run',
      ...['--broker', url, '--session', 'amazon', '--chrome', chrome.cdpUrl],
      ...['--id', 'server-1', '--look-every', '500ms'],
    ])
    t.teardown(() => worker.stop())

    t.match(await worker.line('applied'), {
      session: 'amazon',
      generation: 1,
      worker: 'server-1',
      outcome: 'applied',
    })
    await worker.line('signed in here')
    t.same(await cookieValues(chrome.cdpUrl), ['of-generation-1'])

    signOutEverywhere()
    t.match(await worker.line('refresh answered'), { outcome: 'renewed', generation: 2 })
    await worker.line('signed in here', 2)
    t.same(await cookieValues(chrome.cdpUrl), ['of-generation-2'])
    t.match(refreshes, [{ generation: 1, reason: /signed out in Chrome/ }])

    await chrome.close()
    await worker.line('chrome gone')
    chrome = await launchChrome({ headless: true, port })
    const startedAt = performance.now()
    await worker.line('applied', 3)
    t.ok(performance.now() - startedAt < 15_000, 'in again before anyone notices')
    t.same(await cookieValues(chrome.cdpUrl), ['of-generation-2'])
    t.equal(worker.said('chrome back').length, 1)

    t.equal(await worker.stop(), 0)
    t.same(await cookieValues(chrome.cdpUrl), ['of-generation-2'], 'Chrome runs on, signed in')
    t.notMatch(worker.stderr(), 'of-generation')
  },
)

t.test('--contexts all: what programs open for themselves is signed in', async (t) => {
  const { url, siteUrl } = await startSiteAndBroker(t)
  const worker = startWorkerProgram([
    ...['run', '--broker', url, '--session', 'amazon', '--chrome', shared.cdpUrl],
    ...['--contexts', 'all'],
  ])
  t.teardown(() => worker.stop())
  await worker.line('applied')
  const browser = await chromium.connectOverCDP(shared.cdpUrl)
  t.teardown(() => browser.close())
  const page = await (await browser.newContext()).newPage()
  t.equal((await page.goto(siteUrl))?.status(), 200)
  t.same(worker.said('context without session'), [])

  t.equal(await worker.stop(), 0)
  const later = await (await browser.newContext()).newPage()
  t.equal((await later.goto(siteUrl))?.status(), 401, 'and opens as ever without the worker')
})

t.test('--contexts all: without a state pages wait a while, and the log says so', async (t) => {
  const broker = await startScriptedBroker((response, { url, method }) => {
    if (url.startsWith('/session/events')) return void openStream(response)
    if (method === 'POST') return response.writeHead(204).end()
    return problem(response, 'session_absent', 'there is none')
  })
  t.teardown(broker.close)
  const worker = startWorkerProgram([
    ...['run', '--broker', broker.url, '--session', 'amazon', '--chrome', shared.cdpUrl],
    ...['--contexts', 'all', '--id', 'server-1'],
  ])
  t.teardown(() => worker.stop())
  await worker.line('chrome attached')
  const browser = await chromium.connectOverCDP(shared.cdpUrl)
  t.teardown(() => browser.close())
  // The first ones may come before the worker acts.
  while (worker.said('context without session').length === 0) {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${broker.url}/livez`)
  }
  t.match(await worker.line('context without session'), {
    level: 'warn',
    worker: 'server-1',
    reason: 'there is no state of amazon yet',
  })
})

t.test('launched: starts a Chrome, again when it ends, and ends it at the end', async (t) => {
  const { url } = await startSiteAndBroker(t)
  const port = await freePort()
  const cdpUrl = `http://127.0.0.1:${port}`
  const worker = startWorkerProgram([
    ...['run', '--broker', url, '--session', 'amazon'],
    ...['--launch', '--headless', '--port', String(port)],
  ])
  t.teardown(() => worker.stop())
  await worker.line('applied')
  t.same(await cookieValues(cdpUrl), ['of-generation-1'])

  const chrome = await connectToChrome(cdpUrl)
  // Chrome may be gone before it has answered.
  await chrome.send('Browser.close').catch(() => undefined)
  await worker.line('applied', 2)
  t.same(await cookieValues(cdpUrl), ['of-generation-1'])

  t.equal(await worker.stop(), 0)
  let isAnswering = true
  await until(() => {
    connectToChrome(cdpUrl).then(
      (late) => late.close(),
      () => {
        isAnswering = false
      },
    )
    return !isAnswering
  })
  t.pass('its Chrome has ended')
})

t.test('capture names the state that it takes the place of, and tells who came first', async (t) => {
  const puts: { headers: object; body: string }[] = []
  const { url: broker, close } = await startScriptedBroker((response, { url, method, headers, body }) => {
    if (method === 'PUT') {
      puts.push({ headers, body })
      return problem(response, 'precondition_failed')
    }
    if (url.startsWith('/session/cookies')) return response.writeHead(304, { etag: '"7.0-x"' }).end()
    return json(response, 200, {
      ...summary('http://shop.localhost/'),
      loginOrigin: 'http://shop.localhost',
      sites: ['shop.localhost'],
      check: null,
    })
  })
  t.teardown(close)
  const connection = await connectToChrome(shared.cdpUrl)
  await connection.send('Storage.setCookies', {
    cookies: [toCdpCookie({ ...cookie(7), domain: 'www.shop.localhost' })],
  })
  connection.close()
  const to = ['capture', '--broker', broker, '--session', 'amazon', '--chrome', shared.cdpUrl]
  const worker = startWorkerProgram([...to, '--replace', '--page', 'http://www.shop.localhost/me?tab=1#top'])
  t.equal(await worker.ended, 1)
  t.match(
    worker.stderr(),
    /^The broker says precondition_failed: another state came first: run it again, with --replace/,
  )
  t.match(puts, [{ headers: { 'if-match': '"7.0-x"' } }])
  const { cookies, landedUrl } = JSON.parse(puts[0]?.body ?? '')
  t.match(cookies, [{ name: 'sid', domain: 'www.shop.localhost', httpOnly: true }])
  t.equal(landedUrl, 'http://www.shop.localhost/me?tab=1')
  t.notMatch(worker.stderr() + worker.stdout(), 'of-generation')
})
