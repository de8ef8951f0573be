import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ProblemError } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { openSignIn } from '../visit-page.ts'

// Sites where the browser itself asks for the name and the password, in a real Chromium.
const { logIn, failureOf } = await openSignIn(t)

interface Guarded {
  /** What somebody gets who is let in. */
  inside?: (request: IncomingMessage, response: ServerResponse) => void
  /** Who is let in without the header. */
  knows?: (request: IncomingMessage) => boolean
  scheme?: string
}

async function startGuarded(t: Test, { inside, knows, scheme = 'Basic' }: Guarded = {}) {
  const shown: string[] = []
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html')
    const { authorization } = request.headers
    // A browser that has them shows them for the site's icon as well.
    if (authorization && request.url === '/login')
      shown.push(Buffer.from(authorization.split(' ')[1] ?? '', 'base64').toString())
    if (knows?.(request) || shown.at(-1) === 'alice:right-7Qx') {
      if (inside) return inside(request, response)
      return response.end('<h1>12 hosts up</h1>')
    }
    return response.writeHead(401, { 'www-authenticate': `${scheme} realm="Monitor"` }).end('<h1>401</h1>')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown }
}

const givesCookie: Guarded = {
  inside: (_, response) =>
    response.setHeader('set-cookie', 'monitor=in; Path=/; HttpOnly').end('<h1>up</h1>'),
  knows: ({ headers }) => headers.cookie === 'monitor=in',
}

t.test(
  'name and password are given after the permit, and the cookie that comes of it is the session',
  async (t) => {
    const site = await startGuarded(t, givesCookie)
    const order: string[] = []
    const { state } = await logIn(site, {
      requestPermit: async () => void order.push(`permit, shown ${site.shown.length} times`),
      confirmPermit: () => void order.push('confirmed'),
    })
    t.match(state.cookies, [{ name: 'monitor', value: 'in' }])
    t.same(order, ['permit, shown 0 times', 'confirmed'])
  },
)

t.test('a wrong password is shown once', async (t) => {
  const site = await startGuarded(t, givesCookie)
  const failure = await failureOf(site, { password: 'wrong-7Qx' })
  t.equal(failure?.code, 'login_bad_credentials')
  t.notMatch(`${failure?.message} ${failure?.cause}`, /7Qx/)
  t.same(site.shown, ['alice:wrong-7Qx'])
})

t.test('without a permit nothing is shown', async (t) => {
  const site = await startGuarded(t, givesCookie)
  const requestPermit = () => Promise.reject(new ProblemError('login_budget_spent', 'spent'))
  t.equal((await failureOf(site, { requestPermit }))?.code, 'login_budget_spent')
  t.same(site.shown, [])
})

t.test('where the header is all there is, nothing can be handed over, and that is said', async (t) => {
  const site = await startGuarded(t)
  const failure = await failureOf(site, {
    prove: () => Promise.reject(new ProblemError('login_not_authenticated', 'looks the same')),
  })
  t.match(failure, {
    code: 'login_not_authenticated',
    message: /HTTP authentication.+nothing to hand over.+looks the same/,
  })
  t.notMatch(`${failure?.message}`, /7Qx/)
})

t.test('another origin that asks is given nothing', async (t) => {
  const other = await startGuarded(t)
  const site = await startGuarded(t, {
    knows: () => true,
    inside: (_, response) => response.writeHead(302, { location: `${other.origin}/` }).end(),
  })
  t.match(await failureOf(site), { code: 'login_misconfigured', message: new RegExp(other.origin) })
  t.same(other.shown, [])
})

/** A login page that asks nothing itself. What it leads to does; it loads `/seen` when that has come to nothing. */
async function startBeside(t: Test, { page, answerWhen }: { page: string; answerWhen: Promise<unknown> }) {
  const { promise: seen, resolve: see } = Promise.withResolvers<void>()
  const shown: string[] = []
  const server = createServer(async ({ url, headers }, response) => {
    response.setHeader('content-type', 'text/html')
    if (headers.authorization) shown.push(url ?? '')
    // It breaks, so that the login ends once it is open.
    if (url === '/login') return response.writeHead(500).end(page)
    if (url === '/seen') see()
    if (url === '/a' || url === '/b') {
      if (headers.authorization) see()
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="Monitor"' }).end()
    }
    await (url === '/when-seen.js' ? seen : answerWhen)
    return response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown, seen }
}

t.test('a frame that asks is given nothing', async (t) => {
  const page =
    '<iframe src="/a" onload="fetch(`/seen`)"></iframe><script src="/when-seen.js"></script><h1>Hello</h1>'
  const site = await startBeside(t, { page, answerWhen: Promise.resolve() })
  let permits = 0
  await failureOf(site, { requestPermit: async () => void permits++ })
  t.same([permits, site.shown], [0, []])
})

t.test('two that ask at once have one permit', async (t) => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  const page = `<script>
    location = '/a'
    fetch('/when-permit-is-asked-for').then(() => {
      location = '/b'
      navigation.addEventListener('navigateerror', () => fetch('/seen'))
    })
  </script><script src="/when-seen.js"></script>`
  const site = await startBeside(t, { page, answerWhen: asked })
  let permits = 0
  const failure = await failureOf(site, {
    requestPermit() {
      permits++
      ask()
      return permits === 1 ? site.seen : Promise.resolve()
    },
  })
  t.equal(permits, 1)
  t.ok(failure)
})

t.test('a site that breaks after it was given them has not been down', async (t) => {
  const site = await startGuarded(t, { inside: (_, response) => response.writeHead(500).end('Oops') })
  t.equal((await failureOf(site))?.code, 'login_unknown')
  t.equal(site.shown.length, 1)
})
