import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openLocalExits, toLoopback } from '../exit/local-exits.ts'
import { browsersIn } from './house/browsers-in.ts'
import { openSignIn, plain, startPage } from './visit-page.ts'

// Where the login's browser may go, and what becomes of a login whose browser fails it, in a real Chromium.

/** Stands for the broker itself. */
async function startBroker() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('secret')
  }).listen(0, '127.0.0.1')
  server.on('upgrade', (request, socket) => {
    asked.push(request.url ?? '')
    socket.destroy()
  })
  await once(server, 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { asked, port, origin: `http://127.0.0.1:${port}` }
}

const broker = await startBroker()
const exits = await openLocalExits({ own: () => [{ host: '127.0.0.1', port: broker.port }] })
t.teardown(() => exits.close())
const { house, folder, logIn, failureOf } = await openSignIn(t, { exits })

async function visit<T>(work: Parameters<typeof house.withContext<T>>[1]): Promise<T> {
  return house.withContext({ signal: AbortSignal.timeout(30_000), exit: toLoopback }, work)
}

t.test('a page that leads to the broker itself ends the login at once, and is explained', async (t) => {
  const before = await startPage(t, {
    form: `<script>location = '${broker.origin}/session/cookies'</script>`,
  })
  const after = await startPage(t, {
    form: plain,
    onPost: (_, response) => response.writeHead(303, { location: `${broker.origin}/session/cookies` }).end(),
  })
  for (const site of [before, after]) {
    t.match(await failureOf(site), {
      code: 'login_misconfigured',
      message: new RegExp(`127\\.0\\.0\\.1:${broker.port}.+broker’s own.+browser: \\{ allow:`),
    })
  }
  t.same(broker.asked, [])
})

t.test('what a page takes in from there is just missing', async (t) => {
  const { origin } = broker
  const taken = `<img src="${origin}/img"><iframe src="${origin}/frame"></iframe><script src="${origin}/js"></script>
    <script>
      fetch('${origin}/fetch', { mode: 'no-cors' }).catch(() => 0)
      navigator.sendBeacon('${origin}/beacon', 'x')
      new WebSocket('${origin.replace('http', 'ws')}/ws')
      new Worker(URL.createObjectURL(new Blob(['fetch("${origin}/worker", { mode: "no-cors" })'])))
    </script>`
  await t.resolves(logIn(await startPage(t, { form: plain + taken })))
  t.same(broker.asked, [])
})

t.test('a web page leads to http alone', async (t) => {
  const { origin } = await startPage(t, { form: '<h1>Here</h1>' })
  await visit(async (_context, _browser, page) => {
    await page.goto(`${origin}/login`)
    for (const url of [
      'file:///etc/passwd',
      'chrome://version',
      'view-source:https://x.test',
      'ftp://127.0.0.1/',
    ]) {
      await page.evaluate(`void (location.href = '${url}')`)
      await page.waitForTimeout(100)
      t.equal(page.url(), `${origin}/login`, url)
    }
  })
})

t.test('WebSockets go through', async (t) => {
  const site = createServer((_, response) => response.end('<h1>Here</h1>')).listen(0, '127.0.0.1')
  await once(site, 'listening')
  t.teardown(() => site.close().closeAllConnections())
  const upgraded = once(site, 'upgrade')
  await visit(async (_context, _browser, page) => {
    const { port } = site.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.evaluate(`void new WebSocket('ws://127.0.0.1:${port}/live')`)
    const [request, socket] = await upgraded
    t.equal(request.url, '/live')
    socket.destroy()
  })
})

t.test('windows beyond measure are closed, downloads are not kept', async (t) => {
  const { origin } = await startPage(t, {
    form: '<h1>Here</h1>',
    pages: { '/window': '<h1>Buy</h1>' },
  })
  await visit(async (context, _browser, page) => {
    await page.goto(`${origin}/login`)
    await page.evaluate(`for (let count = 0; count < 30; count++) void window.open('/window', '_blank')`)
    await page.waitForTimeout(500)
    while (context.pages().length > 10) await page.waitForTimeout(50)
    t.notOk(page.isClosed(), 'the page itself stays')
    const downloading = page.waitForEvent('download')
    await page.evaluate(
      `Object.assign(document.createElement('a'), { href: 'data:text/plain,hi', download: 'hi.txt' }).click()`,
    )
    t.ok(await (await downloading).failure())
  })
})

/** Answers a sign-in with the end of some of the browser's processes, and not at all. */
function killing(t: Test, which: (pids: number[]) => number[]) {
  const onPost = async () => {
    const pids = which(await browsersIn(folder))
    t.not(pids.length, 0)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
  }
  return startPage(t, { form: plain, onPost: () => void onPost() })
}

const isRenderer = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')

t.test('a browser that is killed in the middle of a login ends it at once', async (t) => {
  const site = await killing(t, ([main = 0]) => [main])
  const beganMs = performance.now()
  t.match(await failureOf(site), { code: 'login_unknown', message: /browser crashed/ })
  t.ok(performance.now() - beganMs < 20_000, 'not by its time')
  while ((await browsersIn(folder)).length > 0) await delay(20)
  await t.resolves(logIn(await startPage(t, { form: plain })), 'the next one has another browser')
})

t.test('and so does a page that crashes', async (t) => {
  const site = await killing(t, (pids) => pids.filter(isRenderer))
  t.match(await failureOf(site), { code: 'login_unknown', message: /browser crashed/ })
  await t.resolves(logIn(await startPage(t, { form: plain })), 'the next one goes on')
})
