import { once } from 'node:events'
import { createServer, type IncomingMessage, request as plainRequest } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import type { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { ProxyAgent, request } from 'undici'
import { openExits } from '../../../apps/broker/src/exit/open-exits.ts'
import type { ExitRequest, SiteExit } from '../../../apps/broker/src/session/ports/site-exit.ts'
import { proxyUser, startHttpProxy, startSocksProxy, type UpstreamProxy } from './upstream-proxies.ts'

async function startSite(t: Test) {
  const asked: string[] = []
  const server = createServer(async (incoming, answer) => {
    asked.push(`${incoming.method} ${incoming.headers.host}${incoming.url}`)
    for await (const _ of incoming);
    answer.end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close().closeAllConnections())
  return { port: (server.address() as AddressInfo).port, asked }
}

/** Keeps what comes in. */
async function startSink(t: Test) {
  const sockets: Socket[] = []
  let received = ''
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (piece) => {
      received += piece
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, received: () => received, sockets }
}

async function open(t: Test, request: Partial<ExitRequest> & { names?: Record<string, string> } = {}) {
  const lookups: string[] = []
  const exits = await openExits({
    own: () => [{ host: '127.0.0.1', port: 8787 }],
    allow: [],
    resolveHost: async (host) => {
      lookups.push(host)
      const address = request.names?.[host] ?? (host.startsWith('127.') ? host : undefined)
      if (address === undefined) throw new Error('no such host')
      return [address]
    },
  })
  t.teardown(() => exits.close())
  const exit = await exits.open({ sites: ['http://127.0.0.1/'], isOver: () => false, ...request })
  return { exits, exit, lookups, ...ask(t, exits.server, exit) }
}

function ask(t: Test, uri: string, exit: Pick<SiteExit, 'username' | 'password'>) {
  const token = `Basic ${Buffer.from(`${exit.username}:${exit.password}`).toString('base64')}`
  const dispatcher = new ProxyAgent({ uri, token })
  const tunnels = new ProxyAgent({ uri, token, proxyTunnel: true })
  t.teardown(() => Promise.all([dispatcher.destroy(), tunnels.destroy()]))
  const by = (agent: ProxyAgent) => async (url: string) => {
    const { statusCode, body } = await request(url, { dispatcher: agent })
    return `${statusCode} ${await body.text()}`
  }

  /** A connection through the proxy to wherever, raw. */
  async function tunnel(target: string): Promise<Socket> {
    const { hostname, port } = new URL(uri)
    const connecting = plainRequest({
      ...{ hostname, port, method: 'CONNECT', path: target },
      headers: { 'proxy-authorization': token },
    }).end()
    const [answer, socket] = (await once(connecting, 'connect')) as [IncomingMessage, Socket]
    t.equal(answer.statusCode, 200)
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    return socket
  }

  return { token, plainly: by(dispatcher), tunnelled: by(tunnels), tunnel }
}

function closed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve))
}

t.test('who names no exit is let nowhere', async (t) => {
  const site = await startSite(t)
  const { exits, exit } = await open(t)
  for (const wrong of [
    { ...exit, password: 'x' },
    { ...exit, username: 'x' },
  ]) {
    const { plainly, tunnelled } = ask(t, exits.server, wrong)
    await t.rejects(plainly(`http://127.0.0.1:${site.port}/`), /407/)
    await t.rejects(tunnelled(`http://127.0.0.1:${site.port}/`), /407/)
  }
  exit.close()
  const { plainly } = ask(t, exits.server, exit)
  await t.rejects(plainly(`http://127.0.0.1:${site.port}/`), /407/, 'nor who names one that is closed')
  t.same(site.asked, [])
})

t.test('a name is resolved once, and that address is connected to', async (t) => {
  const site = await startSite(t)
  const { plainly, tunnelled, lookups } = await open(t, { names: { 'shop.test': '127.0.0.1' } })
  const url = `http://shop.test:${site.port}/a`
  t.equal(await plainly(url), '200 hello')
  t.equal(await tunnelled(url), '200 hello')
  t.same(site.asked, Array(2).fill(`GET shop.test:${site.port}/a`))
  t.same(lookups.filter((host) => host === 'shop.test').length, 2, 'once for each connection')
})

t.test(
  'a site stays where it was when its exit was opened, whatever its name server says then',
  async (t) => {
    const site = await startSite(t)
    const names: Record<string, string> = { 'shop.test': '203.0.113.7', 'intranet.test': '127.0.0.1' }
    const shop = await open(t, { names, sites: ['http://shop.test/login'] })
    const url = `http://intranet.test:${site.port}/`
    const intranet = await open(t, { names, sites: [url] })
    names['shop.test'] = '127.0.0.1'
    names['intranet.test'] = '203.0.113.7'
    await t.rejects(
      shop.plainly(`http://127.0.0.1:${site.port}/`),
      'a public site that turns private opens nothing',
    )
    t.same(site.asked, [])
    t.equal(await intranet.plainly(url), '200 hello', 'and a private one that turns public is not followed')
  },
)

t.test('the doorbell is answered by the exit, and leads nowhere', async (t) => {
  const { exits, plainly, lookups } = await open(t)
  t.equal(await plainly(exits.doorbell), '204 ')
  t.same(lookups, [])
})

t.test('what is not let through has no answer, and is explained', async (t) => {
  const { plainly, tunnelled, exit } = await open(t, { names: { 'evil.test': '127.0.0.1' } })
  const own = 'http://evil.test:8787/session/cookies'
  await t.rejects(plainly(own))
  await t.rejects(tunnelled(own))
  t.match(exit.refusalOf(own), {
    code: 'login_misconfigured',
    message: /evil\.test:8787.+broker’s own.+browser: \{ allow: \["evil\.test:8787"\] \}/,
  })
  t.equal(exit.refusalOf('http://evil.test/'), undefined)
  await t.rejects(plainly('ftp://127.0.0.1/'))
})

t.test('a site that does not answer is no page of the proxy’s', async (t) => {
  const { plainly, tunnelled, exit } = await open(t)
  for (const url of ['http://127.0.0.1:1/', 'http://nowhere.test/']) {
    await t.rejects(plainly(url))
    await t.rejects(tunnelled(url))
    t.equal(exit.refusalOf(url), undefined)
  }
})

t.test('once its time is over nothing passes any more, also on a connection that is open', async (t) => {
  const site = await startSite(t)
  const sink = await startSink(t)
  let isOver = false
  const { exits, plainly, tunnel, token } = await open(t, { isOver: () => isOver })
  const socket = await tunnel(`127.0.0.1:${sink.port}`)
  const { hostname, port } = new URL(exits.server)
  const posted = plainRequest({
    ...{ hostname, port, method: 'POST', path: `http://127.0.0.1:${sink.port}/login` },
    headers: { 'proxy-authorization': token, 'transfer-encoding': 'chunked' },
  })
  posted.on('error', () => undefined)
  socket.write('in time;')
  posted.write('also in time')
  while (!sink.received().includes('in time;') || !sink.received().includes('also in time'))
    await new Promise((resolve) => setImmediate(resolve))

  isOver = true
  const ended = Promise.all([closed(socket), closed(posted)])
  socket.write('too late')
  posted.write('too late')
  await ended
  t.notMatch(sink.received(), /too late/)
  await t.rejects(plainly(`http://127.0.0.1:${site.port}/`))
  t.same(site.asked, [])
})

t.test('what is open ends with its exit', async (t) => {
  const sink = await startSink(t)
  const { exit, tunnel } = await open(t)
  const socket = await tunnel(`127.0.0.1:${sink.port}`)
  socket.write('hello')
  while (sink.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const ended = Promise.all([
    closed(socket),
    ...sink.sockets.map((each) => each.readableEnded || once(each, 'end')),
  ])
  exit.close()
  await ended
  t.pass('on both sides')
})

t.test('through the proxy of the session', async (t) => {
  const starts: [string, (t: Test) => Promise<UpstreamProxy>][] = [
    ['http', startHttpProxy],
    ['socks5', startSocksProxy],
  ]
  for (const [kind, start] of starts) {
    await t.test(`${kind}, which is given the name`, async (t) => {
      const site = await startSite(t)
      const upstream = await start(t)
      const { exit, plainly, tunnelled } = await open(t, { proxy: async () => upstream.url })
      const url = `http://localhost:${site.port}/`
      t.equal(await plainly(url), '200 hello')
      t.equal(await tunnelled(url), '200 hello')
      t.same(upstream.asked, Array(2).fill(`localhost:${site.port}`))
      t.equal(exit.via, upstream.host)
      await t.rejects(plainly('http://127.0.0.1:8787/'))
      t.match(
        exit.refusalOf('http://127.0.0.1:8787/'),
        { message: /broker’s own/ },
        'the rules hold all the same',
      )
    })
    await t.test(`${kind}, with a wrong password`, async (t) => {
      const site = await startSite(t)
      const upstream = await start(t)
      const wrong = upstream.url.replace(encodeURIComponent(proxyUser.password), 'wrong')
      const { plainly, tunnelled } = await open(t, { proxy: async () => wrong })
      await t.rejects(plainly(`http://127.0.0.1:${site.port}/`))
      await t.rejects(tunnelled(`http://127.0.0.1:${site.port}/`))
      t.ok(upstream.refused() >= 2)
      t.same([upstream.asked, site.asked], [[], []])
    })
    await t.test(`${kind}, which is not there`, async (t) => {
      const site = await startSite(t)
      const { plainly, tunnelled, exit } = await open(t, { proxy: async () => `${kind}://127.0.0.1:1` })
      await t.rejects(plainly(`http://127.0.0.1:${site.port}/`))
      await t.rejects(tunnelled(`http://127.0.0.1:${site.port}/`))
      t.equal(exit.via, '127.0.0.1:1')
      t.same(site.asked, [])
    })
  }
})
