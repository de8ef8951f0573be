import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchChrome } from '@session-broker/chrome'
import { type ChromeConnection, connectToChrome } from '../../apps/worker/src/cdp/connect-to-chrome.ts'

export interface ChromeWithTabs extends AsyncDisposable {
  cdpUrl: string
  /** The bench's own way in. */
  connection: ChromeConnection
}

const page = `<!doctype html><title>A shop</title><h1>A shop</h1><ul>${'<li>An article</li>'.repeat(100)}</ul>
<script>addEventListener('focus', () => fetch('/cart'))</script>`

/** A Chrome in which so many tabs show the shop that the session is for; a local one, by this Chrome's own names. */
export async function openChromeWithTabs(tabs: number): Promise<ChromeWithTabs> {
  const opened = new AsyncDisposableStack()
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(page)
  }).listen(0, '127.0.0.1')
  opened.defer(() => {
    site.close()
    site.closeAllConnections()
  })
  await once(site, 'listening')
  const { port } = site.address() as AddressInfo
  const flags = [`--host-resolver-rules=MAP *.example 127.0.0.1:${port}`]
  const { cdpUrl } = opened.adopt(await launchChrome({ headless: true, flags }), (each) => each.close())
  const connection = opened.adopt(await connectToChrome(cdpUrl), (each) => each.close())
  for (let index = 0; index < tabs; index++) await openTab(connection, `http://www.shop.example/${index}`)
  return { cdpUrl, connection, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** Returns when it has loaded: an idle tab is what is measured with. */
async function openTab(connection: ChromeConnection, url: string): Promise<void> {
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true })
  const tab = connection.inSession(sessionId)
  const loaded = new Promise<void>((resolve) => {
    tab.on('Page.loadEventFired', () => resolve())
  })
  await tab.send('Page.enable')
  await tab.send('Page.navigate', { url })
  await loaded
  await connection.send('Target.detachFromTarget', { sessionId })
}
