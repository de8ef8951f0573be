import { launchChrome } from '@session-broker/chrome'
import { freePort, type RunningProcess, waitFor } from '@session-broker/stage/process'
import { startSite } from '@session-broker/stage/site'
import { chromium } from 'playwright'
import t from 'tap'
import { until } from '../../client/scripted-broker.ts'
import { followPage } from './follow-page.ts'

// docs/setups/one-chrome.md, followed: one Chrome with three workers, and two jobs that use it over CDP all the while.
t.setTimeout(300_000)
const patience = { withinMs: 120_000 }
const site = await startSite()
t.teardown(() => site.close())
const port = await freePort()
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const page = await followPage({
  path: 'docs/setups/one-chrome.md',
  put: {
    '8787': String(port),
    'https://shop.example/login': site.loginUrl,
    "SHOP_PASSWORD='…'": `SHOP_PASSWORD='${site.password}'`,
    '--session shop': `--session shop --look-every 1s --chrome ${chrome.cdpUrl}`,
  },
})
t.teardown(() => page.leave())
let key = ''

async function startWorker(): Promise<RunningProcess> {
  const worker = await page.start(
    "SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker http://127.0.0.1:8787 --session shop",
    { 'sb_…': key },
  )
  t.teardown(() => worker.end(10_000))
  return worker
}

const says = (worker: RunningProcess, message: string, generation?: number) =>
  worker
    .output()
    .split('\n')
    .filter((line) => line.includes(`"message":"${message}"`))
    .some((line) => generation === undefined || line.includes(`"generation":${generation},`))

const acts = (worker: RunningProcess) => says(worker, 'applied')

/** It connects, opens a page, and looks at it again and again. */
async function startJob() {
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  t.teardown(() => browser.close())
  const [context] = browser.contexts()
  if (!context) throw new Error('this Chrome has no default context')
  const foreign = context.pages().map((one) => one.url())
  const tab = await context.newPage()
  const seen = { pages: foreign, signedIn: 0, signedOut: 0 }
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      await tab.goto(site.url)
      if ((await tab.content()).includes(site.signedInText)) seen.signedIn += 1
      else seen.signedOut += 1
    }
  })()
  return {
    seen,
    async end() {
      isOver = true
      await looking
    },
  }
}

/** Reports take their time. */
async function statusOnceTold(): Promise<string> {
  for (let tries = 1; ; tries++) {
    const status = await page.type(
      "SESSION_BROKER_KEY='sb_…' npm run worker -- status --broker http://127.0.0.1:8787",
      { 'sb_…': key },
    )
    if (/applied.*signed_in/.test(status) || tries === 10) return status
  }
}

t.test('the broker is set up', async (t) => {
  await page.writeConfig(`listen: 127.0.0.1:${port}`)
  key = await page.createKey('npm run broker -- keys create --name server1 --scopes read,refresh')
  t.match(await page.type('npm run broker -- check-config'), /shop/)
})

t.test('three workers, one Chrome, one login, and jobs that notice nothing of who acts', async (t) => {
  const broker = await page.start("SHOP_PASSWORD='…' npm run broker -- serve")
  t.teardown(() => broker.end(25_000))
  await waitFor(broker, async () => broker.output().includes('listens on'), patience)
  let workers: RunningProcess[] = await Promise.all([startWorker(), startWorker(), startWorker()])
  const signedIn = () => workers.some((worker) => says(worker, 'signed in here'))
  await until(signedIn, patience.withinMs)
  await until(() => workers.every((worker) => acts(worker) || says(worker, 'standing by')), patience.withinMs)
  t.equal(workers.filter(acts).length, 1)

  const jobs = await Promise.all([startJob(), startJob()])
  for (let kills = 0; kills < 3; kills++) {
    const [acting] = workers.filter(acts)
    acting?.signal('SIGKILL')
    const others = workers.filter((worker) => worker !== acting)
    await until(() => others.some(acts), patience.withinMs)
    const next = await startWorker()
    await until(() => says(next, 'standing by'), patience.withinMs)
    workers = [...others, next]
    t.equal(workers.filter(acts).length, 1)
  }
  await Promise.all(jobs.map((job) => job.end()))
  for (const { seen } of jobs) {
    t.ok(seen.signedIn > 3)
    t.equal(seen.signedOut, 0)
    t.notMatch(seen.pages.join(' '), 'session-broker', 'no page of the workers is among the job’s')
  }
  t.equal(site.stats().loginsStarted, 1)

  const status = await statusOnceTold()
  t.match(status, /^shop: live, generation 1\.0/)
  t.equal(status.match(/-\d+: applied, generation 1\.0, signed_in/g)?.length, 1)
  t.equal(status.match(/-\d+-\d: standing_by, generation 1\.0/g)?.length, 2)

  site.killSessions()
  await until(() => workers.some((worker) => says(worker, 'applied', 2)), patience.withinMs)
  t.equal(workers.filter((worker) => says(worker, 'applied', 2)).length, 1)
  t.equal(site.stats().loginsStarted, 2, 'one login more')
})
