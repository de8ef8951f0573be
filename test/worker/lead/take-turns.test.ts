import { setTimeout as sleep } from 'node:timers/promises'
import { launchChrome } from '@session-broker/chrome'
import t from 'tap'
import type { CdpSession } from '../../../apps/worker/src/cdp/cdp-session.ts'
import { type ChromeConnection, connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { ownOrigin } from '../../../apps/worker/src/cdp/own-origin.ts'
import type { Queued } from '../../../apps/worker/src/lead/in-page/take-turn.ts'
import { createTurns } from '../../../apps/worker/src/lead/take-turns.ts'
import { until } from '../../client/scripted-broker.ts'

// Workers with one Chrome, each with a connection of its own, as processes have.
t.setTimeout(300_000)
const launched = await launchChrome({ headless: true })
t.teardown(launched.close)

type Tap = Pick<typeof t, 'teardown'>

/** A worker as far as taking turns goes. */
async function open(t: Tap, workerId = 'server-9222') {
  const chrome = await connectToChrome(launched.cdpUrl, { timeoutMs: 30_000 })
  t.teardown(chrome.close)
  const over: string[] = []
  let isHalted = false
  const deaf = (session: CdpSession): CdpSession => ({
    ...session,
    on: (event, listener) => session.on(event, (params) => isHalted || listener(params)),
  })
  const heard = { ...chrome, inSession: (sessionId: string) => deaf(chrome.inSession(sessionId)) }
  const turns = createTurns(heard, { workerId, onOver: (reason) => over.push(reason) })
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const worker = {
    chrome,
    turns,
    over,
    stop,
    queued: undefined as Queued | undefined,
    acts: false,
    /** What Chrome says reaches it no more. */
    halt() {
      isHalted = true
    },
    async take(session = 'shop') {
      const onQueued = (queued: Queued) => {
        worker.queued = queued
      }
      await turns.take(session, { signal: stop.signal, onQueued })
      worker.acts = true
    },
    /** Is in line, or acts. */
    async line(session?: string) {
      const taken = worker.take(session)
      taken.catch(() => undefined)
      await until(() => worker.acts || worker.queued !== undefined, 30_000)
    },
  }
  return worker
}

t.test(
  'one acts, the others stand by in their order, and the next comes when its connection ends',
  async (t) => {
    const [first, second, third] = [await open(t), await open(t), await open(t)]
    await first.line()
    await second.line()
    await third.line()
    t.same([first.acts, second.acts, third.acts], [true, false, false])
    t.same(
      [second.queued, third.queued],
      [
        { acting: 'server-9222', place: 2 },
        { acting: 'server-9222', place: 3 },
      ],
      'those of one name stand by under numbers',
    )
    t.equal(await first.turns.confirm('shop'), true)
    t.equal(await second.turns.confirm('shop'), false)

    first.chrome.close()
    await until(() => second.acts, 30_000)
    t.equal(third.acts, false)
    const again = await open(t)
    await again.line()
    t.same(again.queued, { acting: 'server-9222', place: 2 }, 'the number that became free')

    await second.turns.leave('shop')
    await until(() => third.acts, 30_000)
    t.equal(await second.turns.confirm('shop'), false)
  },
)

t.test('a worker with a name of its own stands by under it', async (t) => {
  const [one, other] = [await open(t, 'one'), await open(t, 'other')]
  await one.line()
  await other.line()
  t.same(other.queued, { acting: 'one', place: 1 })
})

t.test('one who gives up waiting is never called', async (t) => {
  const [one, other, third] = [await open(t), await open(t), await open(t)]
  await one.line()
  await other.line()
  await third.line()
  other.stop.abort()
  await other.turns.leave('shop')
  one.chrome.close()
  await until(() => third.acts, 30_000)
  t.equal(other.acts, false)
})

t.test('two sessions are two turns', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  await one.line('shop')
  await other.line('bank')
  t.ok(one.acts && other.acts)
})

t.test(
  'who does not answer for seconds has its turn given away, and is told before it can act',
  async (t) => {
    const [one, other] = [await open(t), await open(t)]
    await one.line()
    await other.line()
    await sleep(3_000)
    t.equal(other.acts, false, 'one that answers keeps its turn')

    one.halt()
    await until(() => other.acts, 60_000)
    t.equal(await one.turns.confirm('shop'), false)
  },
)

for (const [what, spoil] of [
  ['closes', (chrome: ChromeConnection, targetId: string) => chrome.send('Target.closeTarget', { targetId })],
  ['leads elsewhere', leadElsewhere],
  ['crashes', crash],
] as const) {
  t.test(`a page that somebody ${what} hands the turn on`, async (t) => {
    const one = await open(t)
    await one.line()
    const [targetId = ''] = await ownPages(one.chrome)
    const other = await open(t)
    await other.line()
    await spoil(other.chrome, targetId)
    await until(() => other.acts && one.over.length > 0, 30_000)
    t.match(one.over, [/hidden page in Chrome has ended/])
  })
}

t.test('sites belong to one session of all workers', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  await one.line('shop')
  await other.line('bank')
  const claim = async ({ turns }: typeof one, session: string, sites: string[]) =>
    (await turns.claim(session, sites)).overlap
  t.equal(await claim(one, 'shop', ['shop.example', 'id.example']), null)
  t.equal(await claim(one, 'shop', ['shop.example', 'id.example', 'cdn.example']), null)
  const taken = { site: 'id.example', owner: 'shop' }
  t.same(await claim(other, 'bank', ['bank.example', 'id.example']), taken)
  t.equal(await claim(one, 'shop', ['bank.example']), null, 'the refused one has kept nothing')
  await one.turns.leave('shop')
  t.equal(await claim(other, 'bank', ['bank.example', 'id.example']), null)

  await one.take('shop')
  t.same(await claim(one, 'shop', ['id.example']), { site: 'id.example', owner: 'bank' })
  t.same(await claim(other, 'bank', ['id.example']), null)
})

t.test('of two that claim the same sites at once, one gets them all', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  await one.line('shop')
  await other.line('bank')
  for (let round = 0; round < 20; round++) {
    const sites = Array.from({ length: 10 }, (_, index) => `${index}.of-${round}.example`)
    const claims = await Promise.all([
      one.turns.claim('shop', sites),
      other.turns.claim('bank', sites.toReversed()),
    ])
    t.equal(claims.filter(({ overlap }) => overlap === null).length, 1)
  }
})

t.test('what goes in is noted for those who act later, and only by the one that acts', async (t) => {
  const [one, other] = [await open(t), await open(t)]
  await one.line()
  await other.line()
  const note = (generation: number) => ({
    ...{ generation, revision: 0, obtainedAt: new Date(0).toISOString() },
    ...{ domains: ['shop.example'], origins: ['https://shop.example'] },
  })
  t.equal(await one.turns.confirm('shop', note(7)), true)
  t.equal(await other.turns.confirm('shop', note(6)), false)
  t.match(await other.turns.claim('shop', []), { isActing: false })
  one.chrome.close()
  await until(() => other.acts, 30_000)
  t.same((await other.turns.claim('shop', [])).note, note(7))
})

t.test('nothing is left in Chrome of those who have gone', async (t) => {
  const chrome = await connectToChrome(launched.cdpUrl)
  t.teardown(chrome.close)
  let left = await ownPages(chrome)
  for (let looks = 0; left.length > 0 && looks < 100; looks++) {
    await sleep(100)
    left = await ownPages(chrome)
  }
  t.same(left, [])
})

async function ownPages(chrome: ChromeConnection): Promise<string[]> {
  const { targetInfos } = await chrome.send('Target.getTargets')
  return targetInfos.filter(({ url }) => url.startsWith(ownOrigin)).map(({ targetId }) => targetId)
}

async function leadElsewhere(chrome: ChromeConnection, targetId: string): Promise<void> {
  const { sessionId } = await chrome.send('Target.attachToTarget', { targetId, flatten: true })
  await chrome.inSession(sessionId).send('Page.navigate', { url: 'about:blank' })
}

async function crash(chrome: ChromeConnection, targetId: string): Promise<void> {
  const { sessionId } = await chrome.send('Target.attachToTarget', { targetId, flatten: true })
  // It can't answer any more.
  await chrome
    .inSession(sessionId)
    .send('Page.crash', undefined, { timeoutMs: 100 })
    .catch(() => undefined)
}
