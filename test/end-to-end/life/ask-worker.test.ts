import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createPlace, startCast } from './life-cast.ts'

t.setTimeout(300_000)
const { site, startWorker } = await startCast(t)

interface Status {
  ready: boolean
  sessions: { generation: number; seen: string | null; outcome: string }[]
}

t.test('a worker tells how it stands, and looks when it is asked to', async (t) => {
  const place = await createPlace(t)
  await place.start()
  const worker = startWorker([
    ...['--chrome', place.cdpUrl, '--id', 'asked', '--look-every', '1h', '--listen', '127.0.0.1:0'],
  ])
  const { address } = await worker.line('listening')
  await worker.line('signed in here')
  const get = async (path: string) => fetch(`${address}${path}`)
  const look = async () => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    return (await (await fetch(`${address}/look`, options)).json()) as Status
  }
  t.equal((await get('/livez')).status, 200)
  t.equal((await get('/readyz')).status, 200)
  t.match(await (await get('/status')).json(), {
    ready: true,
    sessions: [{ session: 'shop', worker: 'asked', generation: 1, outcome: 'applied', seen: 'signed_in' }],
  })
  t.match(await (await get('/metrics')).text(), /^session_worker_applies_total\{outcome="applied"} 1$/m)
  t.match(await look(), { ready: true, sessions: [{ seen: 'signed_in' }] })

  site.killSessions()
  t.match(await look(), { ready: false, sessions: [{ generation: 1, seen: 'signed_out' }] })
  await worker.line('signed in here', 2)
  t.match(await look(), { ready: true, sessions: [{ generation: 2, seen: 'signed_in' }] })
  t.equal(site.stats().loginsStarted, 2, 'being asked led to one login, as finding out does')

  await place.kill9()
  await worker.line('chrome gone')
  t.equal((await get('/readyz')).status, 503)
  t.match(
    await look(),
    { ready: false, sessions: [{ outcome: 'chrome_unreachable' }] },
    'nothing is waited for',
  )
  t.equal((await get('/livez')).status, 200)
  t.equal(await worker.stop(), 0)
  await t.rejects(get('/livez'))
})

t.test('an address that is taken ends it with one sentence', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  const worker = startWorker(['--listen', `127.0.0.1:${port}`])
  t.equal(await worker.ended, 1)
  t.match(
    worker.stderr(),
    /^--listen: another program listens at http:\/\/127\.0\.0\.1:\d+: choose another[^\n]*\n$/,
  )
})
