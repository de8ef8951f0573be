import { createBrokerClient, isFinal } from '@session-broker/client'
import { systemClock } from '@session-broker/program/clock'
import { type IssuedSession, judge } from '@session-broker/shared'
import t from 'tap'
import { runWorker } from '../../../apps/worker/src/session/run-worker.ts'
import { until } from '../../client/scripted-broker.ts'
import { createChrome, createLog } from '../../worker/session/fakes.ts'
import { startCast } from './life-cast.ts'

t.setTimeout(600_000)
const { site, broker } = await startCast(t)

/** What the site says to a Chrome with this state. */
async function lookAtSite(state: IssuedSession | undefined) {
  const cookie = (state?.cookies ?? []).map(({ name, value }) => `${name}=${value}`).join('; ')
  const answer = await fetch(site.check.url, { headers: { cookie } })
  return judge(site.check.expect, {
    status: answer.status,
    finalUrl: answer.url,
    body: await answer.text(),
  })
}

/** The real worker and client, with Chromes that hold cookies and show them to the site. */
function startWorker(t: Tap, chromes: number) {
  const all = Array.from({ length: chromes }, (_, index) => createChrome(`chrome-${index}`))
  for (const { fake } of all) fake.see = lookAtSite
  const client = createBrokerClient({ url: broker.url, key: broker.key })
  const { log, said } = createLog()
  const stop = new AbortController()
  const ended = runWorker(
    { broker: { ...client, isFinal }, chromes: all.map(({ port }) => port), clock: systemClock, log },
    { sessions: ['shop'], lookEveryMs: 1_000, signal: stop.signal },
  )
  t.teardown(async () => {
    stop.abort()
    await ended
    await client.close()
  })
  return {
    said,
    all,
    signedIn: (generation: number) =>
      until(
        () => said('signed in here').filter((line) => line.generation === generation).length === chromes,
        120_000,
      ),
  }
}

type Tap = Pick<typeof t, 'teardown'>

/** POST /session/refresh, by the broker's own log. */
const questions = () => broker.said().split('a refresh was asked for').length - 1

t.test(
  'fifteen Chromes of six workers find themselves signed out at once: one login each time',
  async (t) => {
    const workers = [startWorker(t, 10), ...Array.from({ length: 5 }, () => startWorker(t, 1))]
    const allSignedIn = (generation: number) =>
      Promise.all(workers.map(({ signedIn }) => signedIn(generation)))
    await allSignedIn(1)
    t.equal(site.stats().loginsStarted, 1)
    for (let generation = 2; generation <= 4; generation++) {
      const before = questions()
      site.killSessions()
      await allSignedIn(generation)
      t.equal(site.stats().loginsStarted, generation)
      const asked = questions() - before
      t.ok(asked >= 1 && asked <= workers.length, `${asked} questions of ${workers.length} workers`)
      for (const { said } of workers)
        t.ok(said('refresh asked').filter((line) => line.generation === generation - 1).length <= 1)
    }
    for (const { all } of workers) for (const { generations } of all) t.same(generations(), [1, 2, 3, 4])
    t.equal(site.stats().maxInFlight, 1)
  },
)
