import t, { type Test } from 'tap'
import { createBrowserLook } from '../../../apps/broker/src/browser/look-in-browser.ts'
import { createHttpLook } from '../../../apps/broker/src/site-http/look-by-http.ts'
import { openLocalExits } from '../exit/local-exits.ts'
import { proxyUser, startHttpProxy, startSocksProxy, type UpstreamProxy } from '../exit/upstream-proxies.ts'
import { openSignIn, plain, startPage } from './visit-page.ts'

// The proxy of a session, with a real Chromium and real proxies beyond it.

const exits = await openLocalExits()
t.teardown(() => exits.close())
const { house, logIn, failureOf } = await openSignIn(t, { exits })
const looks = {
  http: createHttpLook({ clock: { now: () => Date.now() }, exits }),
  browser: createBrowserLook(house),
}
const kinds: Record<string, (t: Test) => Promise<UpstreamProxy>> = {
  http: startHttpProxy,
  socks5: startSocksProxy,
}

for (const [kind, start] of Object.entries(kinds)) {
  t.test(`login and checks go through the session’s own ${kind} proxy`, async (t) => {
    const upstream = await start(t)
    const site = await startPage(t, { form: plain })
    const { host } = new URL(site.origin)
    const { state } = await logIn(site, { proxy: upstream.url })
    t.match(state.cookies, [{ name: 'sid' }])
    t.same([...new Set(upstream.asked)], [host], 'nothing else is asked for, and the site by its name')
    for (const [where, look] of Object.entries(looks)) {
      upstream.asked.length = 0
      const request = { url: `${site.origin}/home`, in: 'http', userAgent: 'Mozilla/5.0' } as const
      const { sighting } = await look({
        ...{ ...request, state, signal: AbortSignal.timeout(30_000) },
        proxy: async () => upstream.url,
        sites: [request.url],
      })
      t.match(sighting.body, /Hello/)
      t.not(upstream.asked.length, 0, where)
    }
    upstream.asked.length = 0
    await logIn(site)
    t.same(upstream.asked, [], 'another session goes its own way')
  })

  t.test(
    `a ${kind} proxy that is not there, or wants another password, is named without its own`,
    async (t) => {
      const upstream = await start(t)
      const site = await startPage(t, { form: plain })
      const wrong = upstream.url.replace(encodeURIComponent(proxyUser.password), 'wrong-7Qx')
      for (const proxy of [wrong, `${kind}://buyer:wrong-7Qx@127.0.0.1:1`]) {
        const failure = await failureOf(site, { proxy })
        t.match(failure, {
          code: 'login_site_down',
          message: `through the proxy ${new URL(proxy).host}`,
        })
        t.notMatch(`${failure?.message} ${failure?.cause}`, /7Qx|buyer/)
      }
      t.same([site.posts, upstream.asked], [[], []])
    },
  )
}
