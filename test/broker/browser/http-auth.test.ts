import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ProblemError } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { openSignIn } from './visit-page.ts'

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

t.test('a site that breaks after it was given them has not been down', async (t) => {
  const site = await startGuarded(t, { inside: (_, response) => response.writeHead(500).end('Oops') })
  t.equal((await failureOf(site))?.code, 'login_unknown')
  t.equal(site.shown.length, 1)
})
