import { networkInterfaces } from 'node:os'
import type { WorkerReport } from '@session-broker/shared'
import t from 'tap'
import { request } from 'undici'
import { serveLocally } from '../../../apps/worker/src/local-http/serve-locally.ts'
import { createStandings } from '../../../apps/worker/src/session/standings.ts'
import { createLog } from '../session/fakes.ts'

const address = 'http://127.0.0.1:9222'

const lookEveryMs = 60_000

/** The local HTTP of a worker with one session in one Chrome. */
async function start(t: Tap, { host = '127.0.0.1' } = {}) {
  let nowMs = Date.UTC(2026, 0, 1)
  const standings = createStandings({ now: () => nowMs })
  const post = standings.post({ session: 'shop', worker: 'server-1', address })
  const { log } = createLog()
  const local = await serveLocally({
    listen: { host, port: 0 },
    ...{ standings, lookEveryMs, log },
    now: () => nowMs,
  })
  t.teardown(local.close)
  return {
    standings,
    post,
    address: local.address,
    turn(ms: number) {
      nowMs += ms
    },
    ask: (path: string, options: AskOptions = {}) => ask(local.address, path, options),
  }
}

type Tap = Pick<typeof t, 'teardown'>
interface AskOptions {
  method?: 'GET' | 'POST' | 'OPTIONS'
  headers?: Record<string, string>
  body?: string
}

async function ask(address: string, path: string, { method = 'GET', headers = {}, body }: AskOptions = {}) {
  const answer = await request(address + path, { method, headers, body: body ?? null })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

const asJson = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' } as const

function reportOf(over: Partial<WorkerReport> = {}): WorkerReport {
  return { session: 'shop', generation: 7, revision: 2, outcome: 'applied', chrome: 'Chrome/156', ...over }
}

t.test('ready is a worker whose every Chrome holds every session', async (t) => {
  const { post, standings, ask } = await start(t)
  const ready = async () => (await ask('/readyz')).status
  t.equal(await ready(), 503, 'nothing is in yet')
  post.begin('Chrome/156')
  post.report(reportOf())
  t.equal(await ready(), 200)
  post.looked('signed_out')
  t.equal(await ready(), 503)
  post.looked('signed_in')
  t.equal(await ready(), 200)
  for (const outcome of ['refused', 'chrome_unreachable', 'not_accepted_here'] as const) {
    post.report(reportOf({ outcome }))
    t.equal(await ready(), 503, outcome)
  }
  for (const outcome of ['partial', 'standing_by'] as const) {
    post.report(reportOf({ outcome }))
    t.equal(await ready(), 200, outcome)
  }
  const another = standings.post({ session: 'bank', worker: 'server-1', address })
  t.equal(await ready(), 503, 'another session is not in yet')
  another.report(reportOf({ session: 'bank' }))
  t.equal(await ready(), 200)
  another.giveUp()
  t.equal(await ready(), 503)
})

t.test('a worker that is still starting is alive, and not ready', async (t) => {
  const local = await serveLocally({
    ...{ listen: { host: '127.0.0.1', port: 0 }, standings: createStandings({ now: Date.now }) },
    ...{ lookEveryMs, log: createLog().log, now: Date.now },
  })
  t.teardown(local.close)
  t.equal((await ask(local.address, '/livez')).status, 200)
  t.equal((await ask(local.address, '/readyz')).status, 503)
  t.match(JSON.parse((await ask(local.address, '/status')).text), { ready: false, sessions: [] })
})

t.test('alive is a worker that goes on with each Chrome that is there', async (t) => {
  const { post, ask, turn } = await start(t)
  const alive = async () => (await ask('/livez')).status
  t.equal(await alive(), 200)
  turn(24 * 3_600_000)
  t.equal(await alive(), 200, 'no Chrome is there: there is nothing to do')
  post.begin('Chrome/156')
  turn(5 * 60_000)
  t.equal(await alive(), 200, 'a login may take so long')
  turn(60 * 60_000)
  t.equal(await alive(), 503)
  post.passed()
  t.equal(await alive(), 200)
})

t.test('status tells how it stands, and since when', async (t) => {
  const { post, ask, turn } = await start(t)
  t.match(JSON.parse((await ask('/status')).text), {
    ready: false,
    sessions: [{ session: 'shop', worker: 'server-1', chrome: null, outcome: 'waiting', seen: null }],
  })
  post.begin('Chrome/156')
  post.report(reportOf({ outcome: 'partial', detail: 'cookie sid' }))
  turn(1_000)
  post.looked('signed_in')
  post.report(reportOf({ outcome: 'partial', detail: 'cookie sid', seen: 'signed_in' }))
  const { headers, text } = await ask('/status?x=1')
  t.match(headers, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  t.same(JSON.parse(text), {
    ready: true,
    sessions: [
      {
        ...{ session: 'shop', worker: 'server-1', chrome: 'Chrome/156', generation: 7, revision: 2 },
        ...{ outcome: 'partial', detail: 'cookie sid', seen: 'signed_in' },
        since: '2026-01-01T00:00:00.000Z',
        lookedAt: '2026-01-01T00:00:01.000Z',
      },
    ],
  })
  post.end()
  t.match(JSON.parse((await ask('/status')).text).sessions, [{ chrome: null }])
})

t.test('look has every Chrome that is there looked at, and answers what was seen', async (t) => {
  const { post, standings, ask } = await start(t)
  standings.post({ session: 'shop', worker: 'server-2-where-no-chrome-is', address })
  post.begin('Chrome/156')
  post.report(reportOf())
  const heard = standings.calls.rings()
  const answer = ask('/look', asJson)
  await standings.calls.rungSince(heard, AbortSignal.timeout(10_000))
  post.round()
  post.looked('signed_out')
  const { status, text } = await answer
  t.equal(status, 200)
  t.match(JSON.parse(text).sessions, [{ seen: 'signed_out' }, { chrome: null, seen: null }])
})

t.test('a round from before the call is no answer to it', async (t) => {
  const { post, standings } = await start(t)
  post.begin('Chrome/156')
  post.round()
  const stop = new AbortController()
  let isAnswered = false
  const looked = standings.lookNow(stop.signal).then((all) => {
    isAnswered = true
    return all
  })
  post.looked('signed_in')
  post.passed()
  await new Promise(setImmediate)
  t.notOk(isAnswered)
  post.round()
  post.looked('signed_out')
  t.match(await looked, [{ seen: 'signed_out' }])
  const late = standings.lookNow(stop.signal)
  stop.abort()
  t.match(await late, [{ seen: 'signed_out' }], 'and a bound ends the wait')
})

t.test('metrics count what happens', async (t) => {
  const { post, standings, ask } = await start(t)
  post.begin('Chrome/156')
  post.applied({ outcome: 'applied', applyMs: 40 })
  post.applied({ outcome: 'refused', applyMs: 1 })
  post.report(reportOf())
  post.looked('signed_in')
  standings.happened({ kind: 'attached', worker: 'server-1' })
  standings.happened({ kind: 'link', by: 'away' })
  const { headers, text } = await ask('/metrics')
  t.match(headers['content-type'], 'text/plain')
  const lines = text.split('\n')
  for (const line of [
    'session_worker_applies_total{outcome="applied"} 1',
    'session_worker_applies_total{outcome="refused"} 1',
    'session_worker_apply_seconds_bucket{le="0.05"} 1',
    'session_worker_apply_seconds_count 1',
    'session_worker_signed_in{session="shop",worker="server-1"} 1',
    'session_worker_generation{session="shop",worker="server-1"} 7',
    'session_worker_chrome_attaches_total 1',
    'session_worker_broker_links_total{by="away"} 1',
  ])
    t.ok(lines.includes(line), line)
  post.looked('signed_out')
  t.match((await ask('/metrics')).text, 'session_worker_signed_in{session="shop",worker="server-1"} 0')
  post.looked('unclear')
  t.notMatch((await ask('/metrics')).text, 'session_worker_signed_in{')
})

t.test('no web page can use a worker', async (t) => {
  const { address, standings, ask } = await start(t)
  const { port } = new URL(address)
  const calls = standings.calls.rings()
  const refusals: [string, Record<string, string>, number, string][] = [
    ['a name that leads here (DNS rebinding)', { host: `evil.example:${port}` }, 421, 'host_not_allowed'],
    ['a name that begins like ours', { host: `127.0.0.1.evil.example` }, 421, 'host_not_allowed'],
    ['a name of nobody', { host: '' }, 421, 'host_not_allowed'],
    ['a foreign origin', { origin: 'https://evil.example' }, 403, 'origin_refused'],
    ['an opaque origin', { origin: 'null' }, 403, 'origin_refused'],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403, 'origin_refused'],
    ['a picture in a foreign page', { 'sec-fetch-site': 'cross-site' }, 403, 'origin_refused'],
    ['a page of the same site', { 'sec-fetch-site': 'same-site' }, 403, 'origin_refused'],
  ]
  for (const path of ['/livez', '/readyz', '/metrics', '/status', '/look', '/nothing']) {
    for (const [what, headers, status, code] of refusals) {
      const method = path === '/look' ? 'POST' : 'GET'
      const answer = await ask(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST' && { body: '{}' }),
      })
      t.equal(answer.status, status, `${path}: ${what}`)
      t.match(JSON.parse(answer.text), { code })
      t.notMatch(answer.text, 'shop')
      t.notOk(answer.headers['access-control-allow-origin'])
    }
  }
  t.equal(standings.calls.rings(), calls, 'nothing was looked at')
  t.equal((await ask('/livez', { headers: { host: 'localhost:1' } })).status, 200)
  t.equal((await ask('/livez', { headers: { host: `[::1]:${port}` } })).status, 200)
  t.equal((await ask('/livez', { headers: { origin: address } })).status, 200)
})

t.test('what a form of a web page could send looks at nothing', async (t) => {
  const { standings, ask } = await start(t)
  const calls = standings.calls.rings()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])
    t.match(
      await ask('/look', {
        method: 'POST',
        body: '{}',
        headers: type === '' ? {} : { 'content-type': type },
      }),
      { status: 415 },
      type,
    )
  t.match(await ask('/look'), { status: 405 })
  t.match(await ask('/look', { method: 'OPTIONS' }), { status: 405 })
  t.match(await ask('/status', asJson), { status: 405 })
  t.match(await ask('/'), { status: 404, text: /route_unknown/ })
  t.equal(standings.calls.rings(), calls)
})

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((one) => one && !one.internal && one.family === 'IPv4')
const skip = elsewhere ? false : 'this machine has no address beyond loopback'

t.test('beyond this machine nothing is told by name, and nothing looked at', { skip }, async (t) => {
  const { post, standings, address } = await start(t, { host: '0.0.0.0' })
  post.begin('Chrome/156')
  post.report(reportOf())
  post.applied({ outcome: 'applied', applyMs: 40 })
  const calls = standings.calls.rings()
  const outside = `http://${elsewhere?.address}:${new URL(address).port}`
  for (const path of ['/livez', '/readyz', '/metrics']) {
    const { status, text } = await ask(outside, path, {})
    t.equal(status, 200, path)
    t.notMatch(text, /shop|server-1/)
  }
  t.match(await ask(outside, '/metrics', {}), { text: /session_worker_applies_total\{outcome="applied"} 1/ })
  t.match(await ask(outside, '/status', {}), { status: 403, text: /not_local/ })
  t.match(await ask(outside, '/look', asJson), { status: 403, text: /not_local/ })
  t.equal(standings.calls.rings(), calls)
})

t.test('an address that is taken is said so', async (t) => {
  const { standings, address } = await start(t)
  const { log } = createLog()
  const listen = { host: '127.0.0.1', port: Number(new URL(address).port) }
  await t.rejects(serveLocally({ listen, standings, lookEveryMs, now: Date.now, log }), {
    name: 'ListenError',
    message: /^--listen: another program listens at http:\/\/127\.0\.0\.1:\d+: choose another port$/,
  })
})
