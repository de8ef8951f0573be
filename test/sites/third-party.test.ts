import { launchChrome } from '@session-broker/chrome'
import { judge } from '@session-broker/shared'
import { type Browser, type BrowserContextOptions, chromium } from 'playwright'
import t from 'tap'
import { startDjango } from './django.ts'
import { startNodeRed } from './node-red.ts'
import { startOidc } from './oidc.ts'
import { startParseDashboard } from './parse-dashboard.ts'
import { startQBittorrent } from './qbittorrent.ts'
import type { ThirdPartySite } from './third-party-site.ts'

// The apps that the broker's tests log in to are what those tests take them for. Node-RED is big to install.
t.setTimeout(600_000)
const withinMs = 15_000

const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const browser = await chromium.connectOverCDP(chrome.cdpUrl)
t.teardown(() => browser.close())

const apps = {
  'Django admin': startDjango,
  'Node-RED': startNodeRed,
  qBittorrent: startQBittorrent,
  'OpenID Connect': startOidc,
  'Parse Dashboard': startParseDashboard,
}

for (const [name, start] of Object.entries(apps)) {
  t.test(`${name} lets in by its form, and a clean browser by the state that leaves behind`, async (t) => {
    const site = await start()
    t.teardown(() => site.close())

    t.equal(await lookAsStranger(site), 'signed_out', 'its check knows a stranger')
    const storageState = await signIn(browser, site)
    t.ok(await showsSignedIn(browser, site, { storageState }), 'a clean context with the state is signed in')
    await site.killSessions()
    t.notOk(await showsSignedIn(browser, site, { storageState }), 'killed sessions are dead')
  })
}

async function lookAsStranger(site: ThirdPartySite) {
  const { check } = site
  if (check.in === 'browser') {
    const hasSelector = await showsSignedIn(browser, site, {})
    return judge(check.expect, { status: 200, finalUrl: check.url, body: '', hasSelector })
  }
  const answer = await fetch(check.url, { signal: AbortSignal.timeout(withinMs) })
  return judge(check.expect, { status: answer.status, finalUrl: answer.url, body: await answer.text() })
}

async function signIn(browser: Browser, site: ThirdPartySite) {
  const { loginUrl, fields, username, password, after = [], signedIn } = site
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(loginUrl)
    await page.fill(fields.username, username)
    await page.fill(fields.password, password)
    await page.click(fields.submit)
    if (fields.code && site.nextCode) await page.fill(fields.code, await site.nextCode())
    for (const step of after) await page.click(step.click)
    await page.waitForSelector(signedIn.selector, { timeout: withinMs })
    return await context.storageState({ indexedDB: true })
  } finally {
    await context.close()
  }
}

/** Waits for what only one of the two shows: the signed-in page, or the form. */
async function showsSignedIn(
  browser: Browser,
  { signedIn, fields }: Pick<ThirdPartySite, 'signedIn' | 'fields'>,
  options: BrowserContextOptions,
): Promise<boolean> {
  const context = await browser.newContext(options)
  try {
    const page = await context.newPage()
    await page.goto(signedIn.url)
    const either = page.locator(signedIn.selector).or(page.locator(fields.password))
    await either.first().waitFor({ timeout: withinMs })
    return await page.isVisible(signedIn.selector)
  } finally {
    await context.close()
  }
}
