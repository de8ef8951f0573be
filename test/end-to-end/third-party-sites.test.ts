import { findChrome, launchChrome } from '@session-broker/chrome'
import { issuedSessionSchema } from '@session-broker/shared'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { chromium } from 'playwright'
import t, { type Test } from 'tap'
import { applySession } from '../../apps/worker/src/apply/apply-session.ts'
import { connectToChrome } from '../../apps/worker/src/cdp/connect-to-chrome.ts'
import { startDjango } from '../sites/django.ts'
import { startNodeRed } from '../sites/node-red.ts'
import { startOidc } from '../sites/oidc.ts'
import { startQBittorrent } from '../sites/qbittorrent.ts'
import type { ThirdPartySite } from '../sites/third-party-site.ts'

// Apps that nobody here wrote: the broker logs in with a URL, a name and a password, and a Chrome that has never been
// there shows the signed-in page. Installing them takes its time once.
t.setTimeout(900_000)
const { path } = await findChrome()

interface Cast {
  start: () => Promise<ThirdPartySite>
  /** This one lets in whoever comes. */
  takesAnyPassword?: boolean
}

const apps: Record<string, Cast> = {
  'Django admin': { start: startDjango },
  qBittorrent: { start: startQBittorrent },
  'Node-RED, whose token is in localStorage': { start: startNodeRed },
  'a site behind OpenID Connect, with a consent page': { start: startOidc, takesAnyPassword: true },
}

for (const [name, { start, takesAnyPassword }] of Object.entries(apps)) {
  t.test(name, async (t) => {
    const site = await start()
    t.teardown(() => site.close())
    const { loginUrl, username, password } = site
    const broker = await startBroker({
      sites: {
        site: { loginUrl, username, password },
        wrong: { loginUrl, username, password: 'wrong' },
      },
    })
    t.teardown(() => broker.close())

    const login = await broker.refresh({}, { session: 'site' })
    t.match(login.body, { generation: 1, outcome: 'renewed' })
    t.ok(await isSignedInAfterApply(t, site, broker), 'a clean Chrome shows the signed-in page')
    t.match((await broker.refresh({}, { session: 'site' })).body, { outcome: 'alive' })
    if (!takesAnyPassword) {
      const wrong = await broker.refresh({}, { session: 'wrong' })
      t.match(
        wrong.body,
        { code: 'login_bad_credentials' },
        'a login that did not succeed is never called one',
      )
    }
    await site.killSessions()
    // Both are one account's, so what the wrong one came to holds up the right one, too.
    await broker.call('/session/reset?session=site', { method: 'POST', body: {} })
    t.match((await broker.refresh({ generation: 1 }, { session: 'site' })).body, {
      generation: 2,
      outcome: 'renewed',
    })
  })
}

async function isSignedInAfterApply(t: Test, { signedIn }: ThirdPartySite, broker: BrokerProcess) {
  const answer = await broker.call('/session/cookies?session=site')
  const chrome = await launchChrome({ path, headless: true })
  t.teardown(() => chrome.close())
  const connection = await connectToChrome(chrome.cdpUrl)
  const applied = await applySession({ chrome: connection, state: issuedSessionSchema.parse(answer.body) })
  connection.close()
  t.match(applied, { outcome: 'applied', refused: [], partial: [] })
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  try {
    const page = await browser.contexts()[0]?.newPage()
    await page?.goto(signedIn.url)
    await page?.locator(signedIn.selector).first().waitFor({ timeout: 15_000 })
    return true
  } finally {
    await browser.close()
  }
}
