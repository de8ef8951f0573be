import { launchChrome } from '@session-broker/chrome'
import type { Cookie, WorkerReport } from '@session-broker/shared'
import t from 'tap'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import {
  eventOf,
  issued,
  json,
  openStream,
  problem,
  startScriptedBroker,
  until,
} from '../../client/scripted-broker.ts'
import { times } from '../../times.ts'
import { type Line, startWorkerProgram } from './run-worker-program.ts'

// Three workers, as processes, with one Chrome. A busy machine takes its time.
t.setTimeout(600_000)

type Tap = Pick<typeof t, 'teardown'>
type Worker = ReturnType<typeof start>

const patienceMs = 90_000

/** A broker that publishes when it is told, and remembers the reports. */
async function startBroker(t: Tap, domainsOf = (_generation: number) => ['shop.example']) {
  let generation = 1
  const streams = new Set<ReturnType<typeof openStream>>()
  const reports: (WorkerReport & { id: string })[] = []
  const broker = await startScriptedBroker((response, { url, body, headers }) => {
    const path = url.split('?')[0] ?? ''
    if (path === '/session/events') {
      const stream = openStream(response)
      streams.add(stream)
      return stream.send(eventOf(generation))
    }
    if (path === '/session/cookies') {
      const etag = `"${generation}.0"`
      if (headers['if-none-match'] === etag) return response.writeHead(304).end()
      return json(
        response,
        200,
        issued(generation, { cookies: domainsOf(generation).map((domain) => cookie(generation, domain)) }),
        { etag },
      )
    }
    const [, id = ''] = /^\/workers\/(.+)\/report$/.exec(path) ?? []
    if (id === '') return problem(response, 'check_unclear')
    reports.push({ id, ...(JSON.parse(body) as WorkerReport) })
    return response.writeHead(204).end()
  })
  t.teardown(broker.close)
  return {
    url: broker.url,
    reports,
    lastOf: (id: string) => reports.filter((report) => report.id === id).at(-1),
    publish() {
      generation += 1
      for (const stream of streams) stream.send(eventOf(generation))
      return generation
    },
  }
}

const cookie = (generation: number, domain: string): Cookie => ({
  name: 'sid',
  value: `of-generation-${generation}`,
  domain,
  path: '/',
  expires: -1,
  httpOnly: true,
  secure: true,
})

function start(t: Tap, broker: string, chrome: string) {
  const worker = startWorkerProgram(['run', '--broker', broker, '--session', 'amazon', '--chrome', chrome])
  t.teardown(() => worker.stop('SIGKILL'))
  return worker
}

/** It applies, or stands by. */
async function settled(worker: Worker): Promise<void> {
  await until(() => worker.said('applied').length + worker.said('standing by').length > 0, patienceMs)
}

const timeOf = (line: Line) => Date.parse(String(line.time))

/** Every apply that any of them has logged: from when to when. */
function applies(workers: readonly Worker[]) {
  return workers
    .flatMap((worker) =>
      worker.said('applied').map((line) => ({
        worker,
        generation: Number(line.generation),
        from: timeOf(line) - Number(line.applyMs),
        to: timeOf(line),
      })),
    )
    .sort((a, b) => a.from - b.from)
}

async function held(cdpUrl: string): Promise<string[]> {
  const chrome = await connectToChrome(cdpUrl)
  try {
    return (await chrome.send('Storage.getCookies')).cookies.map(({ value }) => value)
  } finally {
    chrome.close()
  }
}

t.test('one acts, is killed again and again, and another takes over; what is new goes in once', async (t) => {
  const kills = times(3)
  const chrome = await launchChrome({ headless: true })
  t.teardown(chrome.close)
  const broker = await startBroker(t)
  const everyone = [1, 2, 3].map(() => start(t, broker.url, chrome.cdpUrl))
  let alive = [...everyone]
  await Promise.all(alive.map(settled))
  const takeoversMs: number[] = []
  for (let killed = 0; killed < kills; killed++) {
    const generation = broker.publish()
    const ofNewest = () => applies(everyone).filter((one) => one.generation === generation)
    await until(() => ofNewest().length > 0, patienceMs)
    const acting = ofNewest()[0]?.worker
    if (!acting) throw new Error('nobody has applied it')
    t.equal(ofNewest().length, 1, 'it went in once')

    const others = alive.filter((worker) => worker !== acting)
    const killedAt = Date.now()
    const hasTakenOver = new Set(others.filter((worker) => worker.said('took over').length > 0))
    t.equal(hasTakenOver.size, 0, 'those who stand by have never acted')
    await acting.stop('SIGKILL')
    await until(() => others.some((worker) => worker.said('took over').length > 0), patienceMs)
    const [line] = others.flatMap((worker) => worker.said('took over'))
    takeoversMs.push(line ? timeOf(line) - killedAt : Number.POSITIVE_INFINITY)
    await until(() => ofNewest().length > 1, patienceMs)
    t.equal(ofNewest().length, 2, 'whoever takes over does not trust what is there, and nobody else applies')

    const next = start(t, broker.url, chrome.cdpUrl)
    everyone.push(next)
    alive = [...others, next]
    await settled(next)
  }

  t.comment(`killed to taken over, ms: ${takeoversMs.sort((a, b) => a - b).join(' ')}`)
  t.ok(
    takeoversMs.every((ms) => ms < 20_000),
    'within seconds',
  )
  const all = applies(everyone)
  t.equal(all.length, 1 + 2 * kills, 'the first, and for each kill what was new and what was taken over')
  const overlapping = all.filter((one, index) => all.slice(0, index).some((before) => before.to > one.from))
  t.same(overlapping, [], 'never two at once')
  t.same(await held(chrome.cdpUrl), [`of-generation-${1 + kills}`])
})

t.test('a worker that is halted is stood in for, and does not touch Chrome when it wakes', async (t) => {
  const chrome = await launchChrome({ headless: true })
  t.teardown(chrome.close)
  const broker = await startBroker(t)
  const [halted, other] = [start(t, broker.url, chrome.cdpUrl), start(t, broker.url, chrome.cdpUrl)]
  await Promise.all([halted, other].map(settled))
  const [acting, standing] = halted.said('applied').length > 0 ? [halted, other] : [other, halted]

  acting.stop('SIGSTOP')
  await standing.line('took over')
  const generation = broker.publish()
  await until(() => standing.said('applied').some((line) => line.generation === generation), patienceMs)
  acting.stop('SIGCONT')
  t.match(await acting.line('chrome gone'), { reason: /did not answer for seconds/ })
  await acting.line('standing by')
  t.equal(acting.said('applied').length, 1)
  t.equal(standing.said('applied').length, 2)

  standing.stop('SIGTERM')
  await acting.line('took over')
  t.match(await acting.line('applied', 2), { generation })
  t.same(await held(chrome.cdpUrl), [`of-generation-${generation}`])
})

t.test(
  'the Chrome is reported under one name by whoever acts, and who stands by under a number',
  async (t) => {
    const chrome = await launchChrome({ headless: true })
    t.teardown(chrome.close)
    const broker = await startBroker(t)
    const first = start(t, broker.url, chrome.cdpUrl)
    const { worker: id } = await first.line('applied')
    const second = start(t, broker.url, chrome.cdpUrl)
    t.match(await second.line('standing by'), { reason: `${id} acts` })
    const third = start(t, broker.url, chrome.cdpUrl)
    await third.line('standing by')
    const outcomes = () => [`${id}`, `${id}-2`, `${id}-3`].map((name) => broker.lastOf(name)?.outcome)
    await until(() => outcomes().every((outcome) => outcome !== undefined), patienceMs)
    t.same(outcomes(), ['applied', 'standing_by', 'standing_by'])

    const generation = broker.publish()
    await until(
      () => [`${id}`, `${id}-2`, `${id}-3`].every((name) => broker.lastOf(name)?.generation === generation),
      patienceMs,
    )
    t.same(outcomes(), ['applied', 'standing_by', 'standing_by'], 'they follow the broker as well')

    await first.stop('SIGTERM')
    await until(() => broker.reports.filter(({ outcome }) => outcome === 'applied').length >= 3, patienceMs)
    t.match(broker.reports.at(-1), { id, outcome: 'applied', generation })
  },
)

t.test(
  'what only a former generation had is removed by whoever acts later, also a worker that was started again',
  async (t) => {
    const chrome = await launchChrome({ headless: true })
    t.teardown(chrome.close)
    const broker = await startBroker(t, (generation) => [`of-${generation}.example`, 'shop.example'])
    const first = start(t, broker.url, chrome.cdpUrl)
    await first.line('applied')
    const second = start(t, broker.url, chrome.cdpUrl)
    await second.line('standing by')
    first.stop('SIGKILL')
    await second.line('took over')
    broker.publish()
    await until(() => second.said('applied').some(({ generation }) => generation === 2), patienceMs)
    t.same(await held(chrome.cdpUrl), ['of-generation-2', 'of-generation-2'])

    await second.stop('SIGTERM')
    broker.publish()
    t.match(await start(t, broker.url, chrome.cdpUrl).line('applied'), { generation: 3 })
    t.same(await held(chrome.cdpUrl), ['of-generation-3', 'of-generation-3'])
  },
)
