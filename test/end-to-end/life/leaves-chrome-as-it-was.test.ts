import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { ChromeConnection } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { until } from '../../client/scripted-broker.ts'
import { openTab, type Tab } from '../../worker/cdp/open-chrome.ts'
import { bodyIn, createPlace, startCast, withChrome } from './life-cast.ts'

t.setTimeout(600_000)
// Cookie and localStorage belong together there: half a state is not signed in.
const { site, broker, startWorker, renew } = await startCast(t, { requireDeviceId: true })
const place = await createPlace(t)
await place.start()
const preload = `--import ${new URL('stop-at.mjs', import.meta.url)}`

/** What is in Chrome beside its own windows, and who is attached to it. */
async function inventory(chrome: ChromeConnection) {
  const { targetInfos } = await chrome.send('Target.getTargets')
  const { browserContextIds } = await chrome.send('Target.getBrowserContexts')
  const targets = targetInfos.map(({ type, url, attached }) => ({ type, url, attached }))
  return { targets: targets.sort((a, b) => (a.url < b.url ? -1 : 1)), contexts: browserContextIds.length }
}

/** Beside this tab and the first page of Chrome there is to be nothing; what is being closed may take a moment. */
async function othersIn(chrome: ChromeConnection, { targetId }: Tab) {
  const look = async () => {
    const { targetInfos } = await chrome.send('Target.getTargets')
    const { browserContextIds } = await chrome.send('Target.getBrowserContexts')
    const pages = targetInfos.filter((one) => one.type === 'page' && one.targetId !== targetId)
    return { pages: pages.map(({ url }) => url), contexts: browserContextIds.length }
  }
  let seen = await look()
  for (let tries = 0; tries < 200 && seen.pages.length + seen.contexts > 1; tries++) {
    await sleep(50)
    seen = await look()
  }
  return seen
}

/** The state as Chrome holds it. */
async function held(chrome: ChromeConnection, tab: Tab) {
  const { cookies } = await chrome.send('Storage.getCookies')
  const sid = cookies.find(({ name }) => name === 'sid')?.value
  return { sid, storage: await tab.evaluate('JSON.stringify(localStorage)') }
}

/** A request of an open page, whose answer can be waited for later. */
const ask = (tab: Tab) => tab.evaluate(`void (window.asked = fetch('/?asked').then(({ status }) => status))`)
const answer = (tab: Tab) => tab.evaluate('window.asked')
const isHeldBack = async (tab: Tab) =>
  (await tab.evaluate(
    `Promise.race([window.asked, new Promise((resolve) => setTimeout(resolve, 500, 'held'))])`,
  )) === 'held'

t.test('SIGTERM leaves an attached Chrome as it was, signed in', async (t) => {
  await withChrome(place.cdpUrl, async (chrome) => {
    const tab = await openTab(chrome, `${site.url}/login`)
    const before = await inventory(chrome)
    const worker = startWorker(['--chrome', place.cdpUrl])
    await worker.line('signed in here')
    t.equal(await worker.stop(), 0)
    t.same(await inventory(chrome), before)
    await ask(tab)
    t.equal(await answer(tab), 200, 'nothing is held back')
    await tab.close()
  })
  t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
})

const steps = [
  { at: 'Target.createBrowserContext', how: 'before', what: 'before anything was touched', touched: false },
  { at: 'Storage.setCookies', how: 'before', what: 'while requests are held back', touched: true },
  { at: 'Storage.setCookies', how: 'after', what: 'between cookies and storage', touched: true },
] as const

for (const { at, how, what, touched } of steps) {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    t.test(`${signal} ${what}: no request hangs, nothing of ours stays`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      const when = join(folder, 'now')
      const env = { NODE_OPTIONS: preload, STOP_WHEN: when, STOP_AT: at, STOP_HOW: how }
      const worker = startWorker(['--chrome', place.cdpUrl, '--look-every', '1h'], { env })
      // Whatever the one before it has left.
      await worker.line('signed in here')
      await withChrome(place.cdpUrl, async (chrome) => {
        // A page that stays where it is when its session ends.
        const tab = await openTab(chrome, `${site.url}/login`)
        const before = await held(chrome, tab)
        writeFileSync(when, '')
        await renew()
        await until(() => isStopped(worker.pid), 60_000)
        await ask(tab)
        if (touched) t.ok(await isHeldBack(tab), 'it stands in the middle')

        worker.signal(signal)
        worker.signal('SIGCONT')
        t.equal(await worker.ended, signal === 'SIGTERM' ? 0 : null)
        t.equal(await answer(tab), 200, 'the request goes on')
        t.same(await othersIn(chrome, tab), { pages: ['about:blank'], contexts: 0 }, 'nothing of ours stays')
        const after = await held(chrome, tab)
        if (!touched) t.same(after, before, 'the former state, as a whole')
        if (touched && signal === 'SIGTERM') {
          t.not(after.sid, before.sid)
          t.not(after.storage, before.storage, 'the new state, as a whole')
        }
        await tab.close()
      })
      if (touched && signal === 'SIGTERM') t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
    })
  }
}

t.test('the next worker signs Chrome in', async (t) => {
  const worker = startWorker(['--chrome', place.cdpUrl])
  await worker.line('signed in here')
  t.match(await bodyIn(place.cdpUrl, site.url), site.signedInText)
  t.equal(await worker.stop(), 0)
})

t.test('none of it cost a login without need', async (t) => {
  t.equal(site.stats().loginsStarted, 1 + 2 * steps.length)
  t.notMatch(broker.said(), 'login_')
})

/** T: stopped by a signal. */
function isStopped(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T') ?? false
}
