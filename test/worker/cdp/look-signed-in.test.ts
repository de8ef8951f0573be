import { checkSchema } from '@session-broker/shared'
import t from 'tap'
import { lookSignedIn } from '../../../apps/worker/src/cdp/look-signed-in.ts'
import { openChrome, openTab, openTargets } from './open-chrome.ts'
import { cookiesOf, openSite } from './open-site.ts'

const pages: Record<string, string> = {
  login: '<input type="password">',
  app: `<!doctype html><script>
  alert('look at me')
  setTimeout(() => { document.body.innerHTML = localStorage.token ? '<b id="me">alice</b>' : '<input type=password>' }, 300)
</script>`,
  'drawn-late':
    "<script>fetch('/slow').then(() => { document.body.innerHTML = '<input type=password>' })</script>",
}

const site = await openSite(t, async (request, response) => {
  const isSignedIn = cookiesOf(request).get('sid') === 'good'
  const [, page = '', left] = (request.url ?? '').split('/')
  if (pages[page]) response.end(pages[page])
  if (page === 'account' && !isSignedIn) return void response.writeHead(302, { location: '/login' }).end()
  if (page === 'account')
    response.end(
      '<link rel="stylesheet" href="/style.css"><script src="/app.js"></script><img src="/logo.png"><p>Hello alice</p>',
    )
  if (page === 'api')
    response.writeHead(isSignedIn ? 200 : 401, { 'content-type': 'application/json' }).end('{}')
  if (page === 'down') response.writeHead(503).end('Hello alice')
  if (page === 'hop')
    response.writeHead(302, { location: left === '1' ? '/account' : `/hop/${Number(left) - 1}` }).end()
  if (page === 'silent') await new Promise((resolve) => request.once('close', resolve))
  if (page === 'broken') request.destroy()
  if (page === 'slow') await new Promise((resolve) => setTimeout(resolve, 900))
})

const chrome = await openChrome(t)
const host = 'look.localhost'
const sign = async (value: string) =>
  chrome.send('Storage.setCookies', { cookies: [{ name: 'sid', value, domain: host, path: '/' }] })
const look = (path: string, parts: object, options = {}) =>
  lookSignedIn(chrome, checkSchema.parse({ url: site.at(host) + path, ...parts }), options)

t.test('sees that this Chrome is signed in, and that it is not', async (t) => {
  const expect = { status: 200, text: 'Hello ', finalUrl: `${site.at(host)}/account`, passwordField: false }
  await sign('bad')
  t.equal(await look('/account', { expect }), 'signed_out')
  await sign('good')
  t.equal(await look('/account', { expect }), 'signed_in')
  t.equal(await look('/api', { expect: { status: 200 } }), 'signed_in')
  await sign('bad')
  t.equal(await look('/api', { expect: { status: 200 } }), 'signed_out')
})

t.test('leaves no page behind, and asks the site for nothing but the document', async (t) => {
  await sign('good')
  const before = await openTargets(chrome)
  site.requests.length = 0
  await look('/account', { expect: { text: 'Hello' } })
  t.same(await openTargets(chrome), before)
  t.same(
    site.requests.map(({ path }) => path),
    ['/account'],
  )
})

t.test('an answer that tells nothing about the session is unclear', async (t) => {
  await sign('good')
  t.equal(await look('/down', { expect: { text: 'Hello' } }), 'unclear')
  t.equal(await look('/broken', { expect: { text: 'Hello' } }), 'unclear')
  t.equal(await look('/silent', { expect: { text: 'Hello' } }, { timeoutMs: 500 }), 'unclear')
  t.equal(await look('/account', { url: 'http://look.localhost:9/', expect: { status: 200 } }), 'unclear')
})

t.test('follows five redirects and no sixth', async (t) => {
  await sign('good')
  t.equal(await look('/hop/5', { expect: { text: 'Hello' } }), 'signed_in')
  t.equal(await look('/hop/6', { expect: { text: 'Hello' } }), 'unclear')
})

t.test('lets the page run where the check is for a browser, dialogs or not', async (t) => {
  const check = { in: 'browser', expect: { selector: '#me', passwordField: false } }
  t.equal(await look('/app', check), 'signed_out')
  const tab = await openTab(chrome, `${site.at(host)}/login`)
  await tab.evaluate("localStorage.token = 'secret'")
  t.equal(await look('/app', check), 'signed_in')
})

t.test('what a page does not show counts only once it rests', async (t) => {
  const check = { in: 'browser', expect: { passwordField: false } }
  t.equal(await look('/drawn-late', check), 'signed_out')
})

t.test('ends with its signal', async (t) => {
  const stop = new AbortController()
  const looking = look('/silent', { expect: { status: 200 } }, { signal: stop.signal })
  const before = await openTargets(chrome)
  stop.abort(new Error('stop'))
  await t.rejects(looking, { message: 'stop' })
  t.ok((await openTargets(chrome)).length <= before.length)
})
