import { once } from 'node:events'
import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { sessionEventSchema } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { startOf } from '../session/define-session.ts'
import { bearer, buildTestServer, canary, type TestServerOptions, until } from './build-test-server.ts'
import { type EventReader, readEvents } from './read-events.ts'

async function serve(t: Test, options?: TestServerOptions) {
  const server = await buildTestServer(options)
  t.teardown(server.close)
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 })
  const open = async (key = 'reader') => {
    const reader = await readEvents(`${address}/session/events`, bearer(key))
    t.teardown(reader.close)
    return reader
  }
  return { ...server, address, open }
}

async function nextEvent(reader: EventReader) {
  for (let block = await reader.next(); block; block = await reader.next()) {
    if (block.data === undefined) continue
    return { event: block.event, id: block.id, ...sessionEventSchema.strict().parse(JSON.parse(block.data)) }
  }
  return undefined
}

t.test('on connect the present state of each visible session, then the changes', async (t) => {
  const { open, publish, judge, mirror } = await serve(t, { sessions: ['shop', 'portal'] })
  await publish('portal')
  const reader = await open()
  t.match(reader.response.headers, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  const event = 'session'
  t.same(await nextEvent(reader), {
    ...{ event, id: '0.0', session: 'shop', generation: 0, revision: 0, status: 'absent' },
  })
  t.match(await nextEvent(reader), { event, session: 'portal', generation: 1, revision: 0, status: 'live' })
  await publish('shop')
  t.same(await nextEvent(reader), {
    ...{ event, id: mirror.get('shop').version, session: 'shop', generation: 1, revision: 0, status: 'live' },
  })
  await judge('signed_out')
  t.match(await nextEvent(reader), { session: 'shop', generation: 1, status: 'dead' })
})

t.test('only changes of generation, revision and status are told', async (t) => {
  const { open, publish, judge, mirror, store } = await serve(t)
  await publish()
  const reader = await open()
  t.match(await nextEvent(reader), { generation: 1, status: 'live' })
  await judge('signed_in')
  const place = mirror.get('shop').definition
  const begun = await store.beginLogin(place, startOf({ fromGeneration: 1 }))
  t.equal(begun.begun, true)
  await mirror.reload('shop')
  await judge('signed_out')
  t.match(await nextEvent(reader), { generation: 1, status: 'dead' }, 'a login under way is no news')
})

t.test('a key hears of its sessions alone', async (t) => {
  const { open, publish } = await serve(t, { sessions: ['aaaa', 'shop'] })
  const reader = await open('shop-only')
  t.match(await nextEvent(reader), { session: 'shop', status: 'absent' })
  await publish('aaaa')
  await publish('shop')
  t.match(await nextEvent(reader), { session: 'shop', generation: 1 })
})

t.test('no event carries anything of the state', async (t) => {
  const { open, publish } = await serve(t)
  const reader = await open()
  await publish()
  const blocks = [await reader.next(), await reader.next(), await reader.next()]
  t.notMatch(JSON.stringify(blocks), canary)
})

t.test('a stopping broker ends the streams, says when to come back, and can close', async (t) => {
  const { app, open, stopping, address, clock } = await serve(t)
  const reader = await open()
  await nextEvent(reader)
  stopping.abort()
  t.same(await reader.next(), { retry: '3000' })
  t.equal(await reader.next(), undefined)
  const late = await readEvents(`${address}/session/events`, bearer('reader'))
  t.equal(late.response.statusCode, 503)
  late.close()
  await app.close()
  t.equal(clock.waiting(), 0)
})

t.test('an open stream does not hold up the server’s closing', async (t) => {
  const { app, open } = await serve(t)
  const reader = await open()
  await nextEvent(reader)
  await app.close()
  t.same(await reader.next(), { retry: '3000' })
  t.equal(await reader.next(), undefined)
})

t.test('whoever leaves is forgotten', async (t) => {
  const { app, open, publish } = await serve(t)
  const openStreams = async () =>
    /session_broker_event_streams (\d+)/.exec((await app.inject('/metrics')).body)?.[1]
  const reader = await open()
  await nextEvent(reader)
  t.equal(await openStreams(), '1')
  reader.close()
  while ((await openStreams()) !== '0') await setImmediate()
  await publish()
  t.equal(await openStreams(), '0')
})

/** A connection whose other end does not read: what is written to it stays here. */
async function stall({ app, open }: Pick<Awaited<ReturnType<typeof serve>>, 'app' | 'open'>) {
  const connected = once(app.server, 'connection')
  const reader = await open()
  const [connection] = await connected
  if (!(connection instanceof Socket)) throw new Error('no connection came')
  await nextEvent(reader)
  const { _write, _writev } = connection
  const held: (() => void)[] = []
  connection._write = (...chunk) => void held.push(() => _write.apply(connection, chunk))
  connection._writev = (...chunks) => void held.push(() => _writev?.apply(connection, chunks))
  const resume = () => {
    Object.assign(connection, { _write, _writev })
    for (const write of held) write()
  }
  return { reader, connection, resume }
}

t.test('what waits for a client that does not read are names, not events', async (t) => {
  const server = await serve(t)
  const { judge, publish, clock } = server
  await publish()
  const { reader, connection, resume } = await stall(server)
  let flips = 0
  const flip = () => judge(flips++ % 2 === 0 ? 'signed_out' : 'signed_in')
  while (clock.waiting() === 0) await flip()
  const fullAt = connection.writableLength
  const flipsUntilFull = flips
  while (flips < flipsUntilFull + 100) await flip()
  t.equal(connection.writableLength, fullAt, 'a full connection gets nothing more')
  await publish()
  resume()
  let last = await nextEvent(reader)
  let events = 1
  while (last?.generation === 1) {
    last = await nextEvent(reader)
    events++
  }
  t.match(last, { generation: 2, status: 'live' }, 'the newest state is told in the end')
  t.ok(events <= flipsUntilFull + 1, 'and what lay between is not')
  t.equal(clock.waiting(), 0)
})

t.test('a client that does not read for 30 seconds is let go', async (t) => {
  const server = await serve(t)
  const { judge, publish, clock } = server
  await publish()
  const { connection } = await stall(server)
  for (let flips = 0; clock.waiting() === 0; flips++)
    await judge(flips % 2 === 0 ? 'signed_out' : 'signed_in')
  clock.advance(29_999)
  await until(() => clock.waiting() === 1)
  t.equal(connection.destroyed, false)
  clock.advance(1)
  await until(() => connection.destroyed)
  const metrics = async () => (await server.app.inject('/metrics')).body
  while (!(await metrics()).includes('session_broker_event_streams 0\n')) await setImmediate()
})

t.test('a client that does not read does not hold up the broker’s end', async (t) => {
  const server = await serve(t)
  const { connection } = await stall(server)
  await server.app.close()
  t.equal(connection.destroyed, true)
})
