import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchChrome } from '@session-broker/chrome'
import t from 'tap'
import { CdpError, isChromeAway } from '../../../apps/worker/src/cdp/cdp-error.ts'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { openChrome, openTab } from './open-chrome.ts'

const chrome = await openChrome(t)

t.test('says in one sentence how to start a Chrome where none listens', async (t) => {
  const error = await connectToChrome('http://127.0.0.1:9').catch((error) => error)
  t.match(error, { name: 'CdpError', code: 'chrome_unreachable' })
  t.match(error.message, 'No Chrome answers at http://127.0.0.1:9: start one with --remote-debugging-port=9')
  t.ok(isChromeAway(error))
})

t.test('says so too where something else listens, or nothing ever answers', async (t) => {
  const other = createServer((_, response) => void response.end('{"hello":1}')).listen(0)
  const silent = createServer(() => {}).listen(0)
  t.teardown(() => [other, silent].map((server) => server.close().closeAllConnections()))
  for (const server of [other, silent]) {
    const { port } = server.address() as AddressInfo
    const connecting = connectToChrome(`http://127.0.0.1:${port}`, { timeoutMs: 300 })
    await t.rejects(connecting, { code: 'chrome_unreachable', message: /No Chrome answers/ })
  }
})

t.test('refuses an address that is none, and ends with its signal', async (t) => {
  await t.rejects(connectToChrome('localhost:9222'), {
    code: 'chrome_unreachable',
    message: /has to look like/,
  })
  await t.rejects(connectToChrome('http://127.0.0.1:9', { signal: AbortSignal.abort(new Error('stop')) }), {
    message: 'stop',
  })
})

t.test('tells product and user agent, also at the WebSocket address', async (t) => {
  t.match(chrome.product, /^Chrome\/\d+/)
  t.match(chrome.userAgent, /^Mozilla/)
  const version = (await (await fetch(`${chrome.cdpUrl}/json/version`)).json()) as Record<string, string>
  const again = await connectToChrome(version.webSocketDebuggerUrl ?? '')
  t.equal(again.product, chrome.product)
  again.close()
  await again.closed
})

t.test('a refused command names itself, and no value of a parameter', async (t) => {
  const cookies = [{ name: 'a', value: 'se;cret', domain: 'a.localhost', path: '/' }]
  const error = await chrome.send('Storage.setCookies', { cookies }).catch((error) => error)
  t.match(error, { code: 'command_refused', message: /Storage.setCookies/ })
  t.notMatch(error.message, /cret/)
  t.notOk(isChromeAway(error))
})

t.test('a command is bounded, and ends with its signal', async (t) => {
  const tab = await openTab(chrome, 'data:text/html,busy')
  const busy = { expression: 'for(;;);' }
  await t.rejects(tab.send('Runtime.evaluate', busy, { timeoutMs: 50 }), { code: 'command_timeout' })
  const stop = new AbortController()
  const asked = tab.send('Runtime.evaluate', busy, { signal: stop.signal })
  stop.abort(new Error('stop'))
  await t.rejects(asked, { message: 'stop' })
})

t.test('carries messages of many megabytes both ways', async (t) => {
  const tab = await openTab(chrome, 'data:text/html,large')
  const large = 'ž'.repeat(1_500_000)
  t.equal(await tab.evaluate(`'${large}'`), large)
})

t.test('when Chrome ends, its commands end at once and the connection is closed', async (t) => {
  const launched = await launchChrome({ headless: true })
  t.teardown(launched.close)
  const chrome = await connectToChrome(launched.cdpUrl)
  const tab = await openTab(chrome, 'data:text/html,end')
  const underWay = t.rejects(tab.send('Runtime.evaluate', { expression: 'for(;;);' }), CdpError)
  process.kill(launched.pid, 'SIGKILL')
  await Promise.all([chrome.closed, underWay])
  await t.rejects(chrome.send('Target.getTargets'), { code: 'chrome_gone' })
})
