import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startBroker } from '@session-broker/stage/broker'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'
import { startHttpProxy } from '../broker/exit/upstream-proxies.ts'

// A real broker: where it lets a login go, and by which way.

const site = await startSite()
t.teardown(() => site.close())
const upstream = await startHttpProxy(t)
let leadsTo = ''
const misleading = createServer((_, response) => response.writeHead(302, { location: leadsTo }).end())
misleading.listen(0, '127.0.0.1')
await once(misleading, 'listening')
t.teardown(() => misleading.close().closeAllConnections())
const { port } = misleading.address() as AddressInfo

const broker = await startBroker({
  sites: {
    shop: { ...site, proxy: 'env:SHOP_PROXY' },
    lost: { ...site, proxy: 'env:LOST_PROXY' },
    misled: { loginUrl: `http://127.0.0.1:${port}/login`, username: 'alice', password: 'right-7Qx' },
  },
  env: { SHOP_PROXY: upstream.url, LOST_PROXY: 'ftp://buyer:wrong-7Qx@127.0.0.1' },
})
t.teardown(() => broker.close())

t.test('a page that leads a login to its own broker gets it nowhere', async (t) => {
  for (const host of ['127.0.0.1', 'localhost']) {
    leadsTo = `http://${host}:${new URL(broker.url).port}/metrics`
    const { body } = await broker.refresh({ force: true }, { session: 'misled' })
    t.match(body, { code: 'login_misconfigured' })
    t.match(body.detail, `${new URL(leadsTo).host}, where nothing is let through: it is the broker’s own`)
  }
})

t.test('a session that has a proxy goes through it, with its login and its checks', async (t) => {
  t.equal((await broker.refresh({}, { session: 'shop' })).status, 200)
  const { host } = new URL(site.url)
  t.same([...new Set(upstream.asked)], [host])
  upstream.asked.length = 0
  t.match((await broker.refresh({ generation: 1 }, { session: 'shop' })).body, { outcome: 'alive' })
  t.same([...new Set(upstream.asked)], [host])
})

t.test('a reference that gives no proxy is named, and what it gives is not', async (t) => {
  const { body } = await broker.refresh({}, { session: 'lost' })
  t.match(body, { code: 'login_misconfigured', detail: /env:LOST_PROXY gives no proxy: it wants the URL/ })
  t.notMatch(JSON.stringify(body), /7Qx/)
  t.notMatch(broker.said(), /7Qx/)
})
