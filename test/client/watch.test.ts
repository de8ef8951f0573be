import { createBrokerClient, type Link, type Timing } from '@session-broker/client'
import type { SessionEvent } from '@session-broker/shared'
import t from 'tap'
import {
  eventOf,
  issued,
  json,
  openStream,
  problem,
  type Script,
  startScriptedBroker,
  until,
} from './scripted-broker.ts'

const quick: Partial<Timing> = {
  answerWithinMs: 3_000,
  firstByteWithinMs: 1_000,
  silentMs: 1_000,
  reconnect: { firstMs: 20, longestMs: 100 },
  pollEveryMs: 10,
  pollWaitSeconds: 0,
}

async function watch(
  t: Tap,
  scripts: Script[],
  options: { timing?: Partial<Timing>; session?: string[] } = {},
) {
  const brokers = await Promise.all(scripts.map(startScriptedBroker))
  const client = createBrokerClient({
    url: brokers.map(({ url }) => url),
    key: 'sb_key',
    random: () => 0.5 - 1e-9,
    timing: { ...quick, ...options.timing },
  })
  const stop = new AbortController()
  const events: SessionEvent[] = []
  const links: Link[] = []
  const ended = (async () => {
    const stream = client.watch({
      session: options.session ?? 'amazon',
      signal: stop.signal,
      onLink: (link) => links.push(link),
    })
    for await (const event of stream) events.push(event)
  })()
  ended.catch(() => undefined)
  t.teardown(async () => {
    stop.abort()
    await ended.catch(() => undefined)
    await client.close()
    await Promise.all(brokers.map((broker) => broker.close()))
  })
  const generations = () => events.map(({ generation }) => generation)
  return { brokers, broker: brokers[0] as (typeof brokers)[number], stop, events, generations, links, ended }
}

type Tap = Pick<typeof t, 'teardown'>
const paths = (broker: { seen: { url: string }[] }) => broker.seen.map(({ url }) => url.split('?')[0])

t.test('the present state comes on connect, then every change', async (t) => {
  const { generations, broker, stop, ended, links } = await watch(t, [
    (response) => {
      const stream = openStream(response)
      stream.send(eventOf(1))
      setTimeout(() => stream.send(eventOf(2)), 30)
    },
  ])
  await until(() => generations().length === 2)
  t.same(generations(), [1, 2])
  t.equal(broker.seen[0]?.url, '/session/events?session=amazon')
  t.match(broker.seen[0]?.headers, { accept: 'text/event-stream', authorization: 'Bearer sb_key' })
  t.same(links, [{ by: 'events', broker: broker.url }])
  stop.abort()
  await t.resolves(ended, 'it ends quietly with its signal')
})

t.test('several sessions come from one stream, without those of others', async (t) => {
  const session = ['amazon', 'supplier']
  const { events, broker } = await watch(
    t,
    [
      (response) => {
        const stream = openStream(response)
        for (const session of ['amazon', 'stranger', 'supplier']) stream.send(eventOf(1, { session }))
      },
    ],
    { session },
  )
  await until(() => events.length === 2)
  t.same(
    events.map((event) => event.session),
    session,
  )
  t.same(
    broker.seen.map(({ url }) => url),
    ['/session/events'],
  )
})

t.test('an event in pieces, comments and what a later version says', async (t) => {
  const { generations } = await watch(t, [
    async (response) => {
      const { write, send, heartbeat } = openStream(response)
      const text = `event: session\ndata: ${JSON.stringify(eventOf(1))}\n\n`
      for (const piece of text.match(/.{1,9}/gs) ?? []) {
        write(piece)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      heartbeat()
      write('event: session\ndata: not json\n\n')
      write('event: session\ndata: {"session":"amazon","generation":"many"}\n\n')
      write(`event: other\ndata: ${JSON.stringify(eventOf(7))}\n\n`)
      send(eventOf(2))
    },
  ])
  await until(() => generations().length === 2)
  t.same(generations(), [1, 2])
})

t.test('a stream that is cut is opened again, at the next replica', async (t) => {
  const { generations, brokers, links } = await watch(t, [
    (response) => {
      const stream = openStream(response)
      stream.send(eventOf(1))
      setTimeout(() => stream.cut(), 20)
    },
    (response) => {
      openStream(response).send(eventOf(2))
    },
  ])
  await until(() => generations().length === 2)
  t.same(generations(), [1, 2])
  t.same(
    brokers.map(({ seen }) => seen.length),
    [1, 1],
  )
  t.same(
    links.map(({ by }) => by),
    ['events', 'away', 'events'],
  )
})

t.test('a broker that is away is tried again until it is back, with growing pauses', async (t) => {
  let away = true
  const { generations, broker, links } = await watch(t, [
    (response) => {
      if (away) problem(response, 'shutting_down')
      else openStream(response).send(eventOf(1))
    },
  ])
  await until(() => broker.seen.length >= 4)
  t.same(
    links.map(({ by }) => by),
    ['away'],
    'and that is told once',
  )
  away = false
  await until(() => generations().length === 1)
})

t.test('a stream without heartbeats is taken for dead', async (t) => {
  const { generations } = await watch(t, [
    (response) => {
      openStream(response).send(eventOf(1))
    },
  ])
  await until(() => generations().length >= 2)
  t.pass('it was opened again')
})

/** A busy machine is silent itself for a while. */
const patient = { firstByteWithinMs: 60_000, silentMs: 3_000 }

t.test('heartbeats keep a stream', async (t) => {
  const beating: Script = (response) => {
    const stream = openStream(response)
    stream.send(eventOf(1))
    const beat = setInterval(() => stream.heartbeat(), 50)
    response.on('close', () => clearInterval(beat))
    setTimeout(() => stream.send(eventOf(2)), 2 * patient.silentMs)
  }
  const { generations, broker } = await watch(t, [beating], { timing: patient })
  await until(() => generations().length === 2)
  t.equal(broker.seen.length, 1)
})

t.test('a reader that takes its time does not cost the stream', async (t) => {
  const broker = await startScriptedBroker((response) => {
    const stream = openStream(response)
    const beat = setInterval(() => stream.heartbeat(), 50)
    response.on('close', () => clearInterval(beat))
    setTimeout(() => stream.send(eventOf(1)), 500)
    setTimeout(() => stream.send(eventOf(2)), 2 * patient.silentMs)
  })
  const client = createBrokerClient({ url: broker.url, key: 'sb_key', timing: { ...quick, ...patient } })
  t.teardown(async () => {
    await client.close()
    await broker.close()
  })
  for await (const { generation } of client.watch({
    session: 'amazon',
    signal: AbortSignal.timeout(60_000),
  })) {
    if (generation === 2) break
    await new Promise((resolve) => setTimeout(resolve, 1.5 * patient.silentMs))
  }
  t.equal(broker.seen.length, 1)
})

t.test('without events it polls', async (t) => {
  const polled = (events: Script): Script => {
    let generation = 0
    return (response, seen) => {
      if (seen.url.startsWith('/session/events')) return events(response, seen)
      const known = seen.headers['if-none-match']
      if (known && generation < 3 && known === `"${generation}"`) generation += 1
      if (!known) generation = 1
      if (known === `"${generation}"`) return response.writeHead(304, { 'session-status': 'dead' }).end()
      return json(response, 200, issued(generation), { etag: `"${generation}"`, 'session-status': 'live' })
    }
  }
  const reasons: [string, Script][] = [
    ['a proxy holds the stream back', (response) => openStream(response)],
    ['a proxy holds even the answer back', () => {}],
    ['there is no such route', (response) => problem(response, 'route_unknown')],
    ['a proxy refuses it', (response) => response.writeHead(405).end('no')],
    ['the answer is no stream', (response) => json(response, 200, {})],
  ]
  for (const [reason, script] of reasons) {
    await t.test(reason, async (t) => {
      const { events, links, broker, ended, stop } = await watch(t, [polled(script)])
      await until(() => events.length === 4)
      t.same(
        events.map(({ generation, status }) => `${generation} ${status}`),
        ['1 live', '2 live', '3 live', '3 dead'],
        'each change once',
      )
      t.match(links, [{ by: 'polling', broker: broker.url }])
      stop.abort()
      await t.resolves(ended)
    })
  }

  await t.test('and tries the stream again after a while', async (t) => {
    let streams = 0
    const script: Script = (response) => {
      streams += 1
      if (streams > 1) openStream(response).send(eventOf(9))
    }
    const { generations, links } = await watch(t, [polled(script)], { timing: { pollForMs: 100 } })
    await until(() => generations().includes(9))
    t.same(
      links.map(({ by }) => by),
      ['polling', 'events'],
    )
  })

  await t.test('but first tries the other replicas', async (t) => {
    const { generations, brokers } = await watch(t, [
      () => {},
      (response) => openStream(response).send(eventOf(5)),
    ])
    await until(() => generations().includes(5))
    t.same(brokers.map(paths), [['/session/events'], ['/session/events']])
  })

  await t.test('a session that is absent is told once', async (t) => {
    const { events, broker } = await watch(t, [(response) => problem(response, 'session_absent')])
    await until(() => broker.seen.length >= 4)
    t.same(events, [])
    broker.answer((response, { url }) => {
      if (url.startsWith('/session/events')) return problem(response, 'route_unknown')
      return problem(response, 'session_absent')
    })
    const asked = broker.seen.length
    await until(() => broker.seen.length >= asked + 4)
    t.same(events, [{ session: 'amazon', generation: 0, revision: 0, status: 'absent' }])
  })
})

t.test('what no waiting mends is thrown', async (t) => {
  for (const code of ['key_unknown', 'session_unknown', 'scope_missing'] as const) {
    const { ended } = await watch(t, [(response) => problem(response, code)])
    await t.rejects(ended, { name: 'ProblemError', code })
  }
})

t.test('it ends at once with its signal, whatever it waits for', async (t) => {
  const waits: [string, Script][] = [
    ['for the answer', () => {}],
    ['for the next event', (response) => openStream(response).send(eventOf(1))],
    ['to try again', (response) => response.destroy()],
  ]
  for (const [what, script] of waits) {
    const slow = {
      firstByteWithinMs: 60_000,
      silentMs: 60_000,
      reconnect: { firstMs: 60_000, longestMs: 60_000 },
    }
    const { stop, ended, broker } = await watch(t, [script], { timing: slow })
    await until(() => broker.seen.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 30))
    const before = performance.now()
    stop.abort()
    await ended
    t.ok(performance.now() - before < 20_000, what)
  }
})
