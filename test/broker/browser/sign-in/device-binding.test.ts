import { EventEmitter } from 'node:events'
import type { BrowserContext, CDPSession } from 'playwright'
import t from 'tap'
import { watchDeviceBinding } from '../../../../apps/broker/src/browser/sign-in/device-binding.ts'
import { openSignIn, type Page, plain, startPage } from '../visit-page.ts'

const { logIn, failureOf } = await openSignIn(t)

const binds = (header: string): Page => ({
  form: plain,
  onPost: (_, response) =>
    response
      .writeHead(303, {
        location: '/home',
        'set-cookie': 'sid=in',
        [header]: '(ES256 RS256);path="/bind";challenge="c"',
      })
      .end(),
})

t.test('a site that asks for a key of the device gives no session to hand out', async (t) => {
  for (const header of ['Secure-Session-Registration', 'Sec-Session-Registration']) {
    const site = await startPage(t, binds(header))
    let proved = 0
    const failure = await failureOf(site, { prove: async () => void proved++ })
    t.match(failure, {
      code: 'login_device_bound',
      message: new RegExp(`127\\.0\\.0\\.1 binds .+${header.toLowerCase()}.+acceptDeviceBound`),
    })
    t.equal(proved, 0, 'though a check would pass: the first cookies are fresh')
    t.equal(site.posts.length, 1)
  }
})

t.test('where the operator knows better it is handed out', async (t) => {
  const site = await startPage(t, binds('Secure-Session-Registration'))
  const { state } = await logIn(site, { acceptsDeviceBound: true })
  t.match(state.cookies, [{ name: 'sid' }])
})

t.test('another site’s key is no matter of this session', async (t) => {
  const context = new EventEmitter()
  const session = Object.assign(new EventEmitter(), { send: () => Promise.reject(new Error('not known')) })
  const bound = await watchDeviceBinding({
    context: context as unknown as BrowserContext,
    session: session as unknown as CDPSession,
    loginUrl: 'https://login.shop.example/',
  })
  const answer = (url: string) =>
    context.emit('response', { url: () => url, headers: () => ({ 'secure-session-registration': 'x' }) })
  answer('https://accounts.google.test/')
  t.equal(bound(), undefined)
  const made = { newSession: {} }
  session.emit('Network.deviceBoundSessionEventOccurred', {
    site: 'https://other.example',
    creationEventDetails: made,
  })
  session.emit('Network.deviceBoundSessionEventOccurred', {
    site: 'https://shop.example',
    creationEventDetails: {},
  })
  t.equal(bound(), undefined)
  session.emit('Network.deviceBoundSessionEventOccurred', {
    site: 'https://shop.example',
    creationEventDetails: made,
  })
  t.match(bound(), { host: 'shop.example', sign: /key that the browser made/ })
})
