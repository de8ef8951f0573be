import { findChrome, launchChrome } from '@session-broker/chrome'
import { startBroker } from '@session-broker/stage/broker'
import { startGallery } from '@session-broker/stage/gallery'
import { type BrowserContext, chromium } from 'playwright'
import t from 'tap'
import { startWorkerProgram } from '../worker/cli/run-worker-program.ts'

// A site whose session lies in sessionStorage alone: the real programs, and a Chrome that was never there. A busy machine takes its time.
t.setTimeout(300_000)
const gallery = await startGallery({ only: ['token-session-storage'] })
t.teardown(() => gallery.close())
const door = gallery.door('token-session-storage')
const { loginUrl, username, password, signedIn } = door
const recipe = { sessionStorage: true }
const broker = await startBroker({ sites: { registro: { loginUrl, username, password, recipe } } })
t.teardown(() => broker.close())
const chrome = await launchChrome({ path: (await findChrome()).path, headless: true })
t.teardown(() => chrome.close())
const browser = await chromium.connectOverCDP(chrome.cdpUrl)
t.teardown(() => browser.close())

async function isShown(context: BrowserContext): Promise<boolean> {
  const page = await context.newPage()
  await page.goto(door.url + signedIn.path)
  const found = page.getByText(signedIn.text).waitFor({ timeout: 10_000 })
  return found.then(
    () => true,
    () => false,
  )
}

t.test('a tab that is opened after the apply shows the signed-in page', async (t) => {
  const [context] = browser.contexts()
  if (!context) throw new Error('this Chrome has no default context')
  await broker.refresh({}, { session: 'registro' })
  const given = ['--broker', broker.url, '--session', 'registro', '--chrome', chrome.cdpUrl]
  const worker = startWorkerProgram(['run', ...given], { SESSION_BROKER_KEY: broker.key })
  t.teardown(() => worker.stop())
  t.match(await worker.line('applied'), { outcome: 'applied', generation: 1 })
  t.ok(await isShown(context))
  t.ok(await isShown(context), 'and the next one as well')

  door.forget()
  await broker.refresh({ generation: 1 }, { session: 'registro' })
  t.match(await worker.line('applied', 2), { outcome: 'applied', generation: 2 })
  t.ok(await isShown(context), 'with the newer session where that one has ended')
})
