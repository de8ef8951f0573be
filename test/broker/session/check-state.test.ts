import type { Check, SessionState, Sighting } from '@session-broker/shared'
import t from 'tap'
import { checkState } from '../../../apps/broker/src/session/check-state.ts'
import { type SessionLook, SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'

const url = 'https://shop.example/account'
const check: Check = { url, in: 'http', expect: { status: 200, text: 'Log out' } }
const state: SessionState = { userAgent: 'Mozilla/5.0 test', cookies: [], origins: [] }
const seen = (change: Partial<Sighting>): Sighting => ({ status: 200, finalUrl: url, body: '', ...change })

/** Checks a state at a site that answers so by HTTP, and so in a browser. */
async function checkAt(http: Sighting, inBrowser?: Sighting) {
  const asked: string[] = []
  const look: SessionLook = async (request) => {
    asked.push(request.in)
    const sighting = request.in === 'http' ? http : inBrowser
    if (!sighting) throw new SiteUnreachableError('no answer')
    return { sighting, state: { ...state, userAgent: `after ${request.in}` } }
  }
  const { signal } = new AbortController()
  const { verdict, state: after } = await checkState(look, { check, state, signal })
  return { verdict, asked, after: after.userAgent }
}

t.test('"signed out" by plain HTTP is confirmed in a browser where scripts may have the say', async (t) => {
  const shell = seen({ body: '<html><script src="/app.js"></script></html>' })
  t.match(await checkAt(shell, seen({ body: 'Log out' })), {
    verdict: 'signed_in',
    asked: ['http', 'browser'],
    after: 'after browser',
  })
  t.match(await checkAt(shell, seen({ body: 'Log in' })), { verdict: 'signed_out' })
  t.match(await checkAt(shell), { verdict: 'unclear' })
  const wall = seen({ status: 403, body: '<html>Checking your browser</html>' })
  t.match(await checkAt(wall, seen({ body: 'Log out' })), { verdict: 'signed_in' })
})

t.test('and believed at once where the site says so itself', async (t) => {
  const answers: Record<string, Sighting> = {
    'a redirect to the form': seen({ finalUrl: 'https://shop.example/login', body: '<html></html>' }),
    'the form': seen({ body: '<html><input type="password"></html>' }),
    'a refusal': seen({ status: 401, body: '<html></html>' }),
    'a refusal of an API': seen({ status: 403, body: '{"error":"forbidden"}' }),
  }
  for (const [name, http] of Object.entries(answers))
    t.match(await checkAt(http), { verdict: 'signed_out', asked: ['http'], after: 'after http' }, name)
})

t.test('a site that is away, slow or has had enough says nothing', async (t) => {
  for (const status of [429, 500, 503]) t.match(await checkAt(seen({ status })), { verdict: 'unclear' })
})
