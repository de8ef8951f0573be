import { freePort } from '@session-broker/stage/process'
import t from 'tap'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { until } from '../../client/scripted-broker.ts'
import { times } from '../../times.ts'
import { bodyIn, createPlace, describeTimes, signedInAgain, startCast, withChrome } from './life-cast.ts'

t.setTimeout(600_000)
const { site, broker, startWorker, renew } = await startCast(t)

type Worker = ReturnType<typeof startWorker>

/** Promised are 5 s; a machine that others use as well gets longer. */
const backWithinMs = 15_000

t.test('an attached Chrome that is killed, and comes back with an empty profile, is signed in', async (t) => {
  const place = await createPlace(t)
  await place.start()
  const worker = startWorker(['--chrome', place.cdpUrl, '--id', 'attached'])
  await worker.line('signed in here')
  const logins = site.stats().loginsStarted
  const timesMs: number[] = []
  for (let kills = 0; kills < times(5); kills++) {
    let backAtMs = 0
    await signedInAgain(worker, async () => {
      await place.kill9()
      await place.start()
      backAtMs = performance.now()
    })
    timesMs.push(performance.now() - backAtMs)
  }
  t.comment(describeTimes('killed, back → seen signed in', timesMs))
  t.ok(Math.max(...timesMs) < backWithinMs)
  t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
  t.equal(site.stats().loginsStarted, logins, 'it cost no login')
  t.equal(await worker.stop(), 0)
})

t.test('a Chrome that the worker has launched is started again, and signed in', async (t) => {
  const port = await freePort()
  const cdpUrl = `http://127.0.0.1:${port}`
  const worker = startWorker(['--launch', '--headless', '--port', String(port), '--id', 'launched'])
  await worker.line('signed in here')
  const timesMs: number[] = []
  for (let kills = 1; kills <= 2; kills++) {
    let backAtMs = 0
    await signedInAgain(worker, async () => {
      process.kill(await pidOf(cdpUrl), 'SIGKILL')
      await worker.line('chrome back', kills)
      backAtMs = performance.now()
    })
    timesMs.push(performance.now() - backAtMs)
  }
  t.comment(describeTimes('launched, back → seen signed in', timesMs))
  t.ok(Math.max(...timesMs) < backWithinMs)
  t.match(await bodyIn(cdpUrl, site.url), site.signedInText)
  t.equal(await worker.stop(), 0)
})

const freezes = {
  'for a moment': () => Promise.resolve(),
  'until commands are given up': (worker: Worker) =>
    until(() => worker.said('chrome failed').length + worker.said('chrome gone').length > 0, 60_000),
  'until the connection is given up': (worker: Worker) => worker.line('chrome gone'),
}

t.test('a Chrome that was frozen has the newest when it thaws', async (t) => {
  const starting = Object.entries(freezes).map(async ([how, isEnough], index) => {
    const place = await createPlace(t)
    await place.start()
    t.teardown(() => place.signal('SIGCONT'))
    const worker = startWorker(['--chrome', place.cdpUrl, '--id', `frozen-${index}`])
    await worker.line('signed in here')
    const signedIn = (generation: number) =>
      until(() => worker.said('signed in here').some((line) => line.generation === generation), 60_000)
    return { how, isEnough, place, worker, signedIn }
  })
  const all = await Promise.all(starting)
  for (const { place } of all) place.signal('SIGSTOP')
  await renew()
  const generation = await renew()

  for (const { how, isEnough, place, worker, signedIn } of all) {
    await t.test(`frozen ${how}`, async (t) => {
      await isEnough(worker)
      place.signal('SIGCONT')
      const thawedAtMs = performance.now()
      await signedIn(generation)
      const ms = performance.now() - thawedAtMs
      t.comment(describeTimes('thawed → seen signed in', [ms]))
      t.ok(ms < backWithinMs)
      t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
    })
  }

  // What was given up must not come late and undo it, and nothing may be held back.
  const next = await renew()
  t.equal(next, generation + 1)
  for (const { place, worker, signedIn } of all) {
    await signedIn(next)
    t.equal(await worker.stop(), 0)
    t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
  }
})

t.test('a connection whose peer has fallen silent is given up, and one that answers is kept', async (t) => {
  const place = await createPlace(t)
  await place.start()
  const pulse = { everyMs: 20, withinMs: 5_000 }
  const chrome = await connectToChrome(place.cdpUrl, { pulse })
  t.teardown(() => place.signal('SIGCONT'))
  let isClosed = false
  void chrome.closed.then(() => {
    isClosed = true
  })
  for (let asked = 0; asked < 20; asked++) await chrome.send('Browser.getVersion')
  t.notOk(isClosed)
  place.signal('SIGSTOP')
  const asked = t.rejects(chrome.send('Target.getTargets', undefined, { timeoutMs: 60_000 }), {
    code: 'chrome_gone',
  })
  await Promise.all([chrome.closed, asked])
  place.signal('SIGCONT')
  t.ok(await withChrome(place.cdpUrl, ({ product }) => Promise.resolve(product)))
})

t.test('none of it made the broker log in without need', (t) => {
  t.equal(site.stats().maxInFlight, 1)
  t.notMatch(broker.said(), 'login_')
  t.end()
})

/** The browser's own process. */
async function pidOf(cdpUrl: string): Promise<number> {
  return withChrome(cdpUrl, async (chrome) => {
    const { processInfo } = await chrome.send('SystemInfo.getProcessInfo')
    return processInfo.find(({ type }) => type === 'browser')?.id ?? 0
  })
}
