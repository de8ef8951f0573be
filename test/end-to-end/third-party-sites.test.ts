import { setTimeout as delay } from 'node:timers/promises'
import { findChrome, launchChrome } from '@session-broker/chrome'
import { checkSchema, issuedSessionSchema } from '@session-broker/shared'
import { type Answer, type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { createSecondFactor } from '@session-broker/stage/gallery'
import { chromium } from 'playwright'
import t, { type Test } from 'tap'
import { applySession } from '../../apps/worker/src/apply/apply-session.ts'
import { connectToChrome } from '../../apps/worker/src/cdp/connect-to-chrome.ts'
import { lookSignedIn } from '../../apps/worker/src/cdp/look-signed-in.ts'
import { startDjango } from '../sites/django.ts'
import { startNodeRed } from '../sites/node-red.ts'
import { startOidc } from '../sites/oidc.ts'
import { startParseDashboard } from '../sites/parse-dashboard.ts'
import { startQBittorrent } from '../sites/qbittorrent.ts'
import type { ThirdPartySite } from '../sites/third-party-site.ts'

// Apps that nobody here wrote: the broker logs in with a URL, a name and a password (and the secret of an authenticator app), and a
// Chrome that has never been there shows the signed-in page. Installing them takes its time once.
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
  'Parse Dashboard, which asks for a code': { start: startParseDashboard },
}

for (const [name, { start, takesAnyPassword }] of Object.entries(apps)) {
  t.test(name, async (t) => {
    const site = await start()
    t.teardown(() => site.close())
    const { loginUrl, username, password, totp } = site
    const login = { loginUrl, username, password, ...(totp !== undefined && { totp }) }
    const broker = await startBroker({
      // Big editors on a busy machine.
      loginTimeout: '120s',
      sites: {
        site: login,
        wrong: { ...login, password: 'wrong' },
        ...(totp !== undefined && {
          'wrong-code': { ...login, totp: createSecondFactor('totp').totpSecret },
        }),
      },
    })
    t.teardown(() => broker.close())

    const first = await refreshAt(broker, 'site')
    t.match(first.body, { generation: 1, outcome: 'renewed' })
    t.match((await refreshAt(broker, 'site')).body, { outcome: 'alive' })
    const mistakes = takesAnyPassword ? [] : ['wrong', ...(totp === undefined ? [] : ['wrong-code'])]
    for (const session of mistakes) {
      const { body } = await refreshAt(broker, session)
      t.match(body, { code: 'login_bad_credentials' }, `${session}: what did not succeed is never called so`)
      t.equal((await broker.call(`/session?session=${session}`)).body.generation, 0, 'nothing is published')
      // All are one account's, so what the wrong one came to would hold up the others, too.
      await broker.call(`/session/reset?session=${session}`, { method: 'POST', body: {} })
    }

    await showInCleanChrome(t, site, broker)
    if (site.keepsNoSessions) await site.killSessions()
    t.match(
      (await refreshAt(broker, 'site', { generation: 1 })).body,
      { generation: 2, outcome: 'renewed' },
      'after the log-out the broker’s check says so, and it logs in anew',
    )
    const { body } = await broker.call('/session?session=site&logout=true', { method: 'DELETE' })
    // What the site does not keep it cannot forget: whoever holds the cookies goes on being signed in.
    const outcome = site.keepsNoSessions ? { code: 'log_out_failed' } : { forgotten: true }
    t.match(body, outcome, 'the broker itself finds the way out, without a recipe')
  })
}

/** Until it has ended: an answer is waited for a minute at most, and then stands in the operation. */
async function refreshAt(broker: BrokerProcess, session: string, body = {}): Promise<Answer> {
  const answer = await broker.refresh(body, { session })
  if (answer.status !== 202) return answer
  for (;;) {
    const operation = await broker.call(answer.headers.get('location') ?? '')
    const { status, result, problem } = operation.body
    if (status !== 'running') return { ...operation, body: (result ?? problem) as Answer['body'] }
    await delay(500)
  }
}

/** Puts the session into a Chrome that was never there, as a worker does, looks, and logs out at the site. */
async function showInCleanChrome(t: Test, site: ThirdPartySite, broker: BrokerProcess): Promise<void> {
  const { body } = await broker.call('/session/cookies?session=site')
  const summary = await broker.call('/session?session=site')
  const check = checkSchema.parse(summary.body.check)
  t.comment(`check: ${JSON.stringify(check)}`)
  const chrome = await launchChrome({ path, headless: true })
  t.teardown(() => chrome.close())
  const connection = await connectToChrome(chrome.cdpUrl)
  t.teardown(() => connection.close())
  const applied = await applySession({ chrome: connection, state: issuedSessionSchema.parse(body) })
  t.match(applied, { outcome: 'applied', refused: [], partial: [] })
  t.equal(await lookSignedIn(connection, check), 'signed_in', 'the worker’s look says so')
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  t.teardown(() => browser.close())
  const page = await browser.contexts()[0]?.newPage()
  if (!page) throw new Error('the Chrome has no context')
  await page.goto(site.signedIn.url)
  await page.locator(site.signedIn.selector).first().waitFor({ timeout: 15_000 })
  t.pass('a clean Chrome shows the signed-in page')
  await site.logOut(page)
  t.equal(await lookSignedIn(connection, check), 'signed_out', 'and then says that it is signed out')
}
