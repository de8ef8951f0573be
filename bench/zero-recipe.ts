import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import { recipeSchema } from '@session-broker/shared'
import { type Door, signInByHand, startGallery } from '@session-broker/stage/gallery'
import { openBrowserFolder } from '../apps/broker/src/browser/house/browser-folder.ts'
import { type BrowserHouse, createBrowserHouse } from '../apps/broker/src/browser/house/browser-house.ts'
import { createBrowserLook } from '../apps/broker/src/browser/look-in-browser.ts'
import { createSiteLogin } from '../apps/broker/src/browser/sign-in/sign-in.ts'
import { openExits } from '../apps/broker/src/exit/open-exits.ts'
import { deriveCheck } from '../apps/broker/src/session/derive-check.ts'
import type { SiteExits } from '../apps/broker/src/session/ports/site-exit.ts'
import type { SiteLook } from '../apps/broker/src/session/ports/site-look.ts'
import type { SessionDefinition } from '../apps/broker/src/session/session-definition.ts'
import { createHttpLook } from '../apps/broker/src/site-http/look-by-http.ts'
import { type BenchLength, type BenchRow, median } from './bench-row.ts'

/** One page, two documents, a script without any form, and a one-time code. */
const doorNames = ['plain-form', 'two-documents', 'no-form', 'totp-one-field']
const mostMs = 60_000
/** On a busy machine fewer rounds are made at each door, one at least. */
const doorMs = 45_000

/**
 * A login of which the broker is told a URL, a name and a password, against a script that somebody wrote who knows the page:
 * both in a fresh context of the same running Chromium, through the same way out. Measured is what both do: from the address to
 * the state of somebody who is signed in. What only the broker does, deriving a check and holding the state against it, is told beside.
 */
export async function benchZeroRecipe({ rounds }: BenchLength): Promise<BenchRow> {
  await using opened = new AsyncDisposableStack()
  const gallery = opened.adopt(await startGallery({ only: doorNames }), (each) => each.close())
  const exits = opened.adopt(await openLocalExits(), (each) => each.close())
  const house = opened.adopt(await openHouse(exits, opened), (each) => each.close())
  const byHttp = createHttpLook({ clock: { now: () => Date.now() }, exits })
  const inBrowser = createBrowserLook(house)
  const look: SiteLook = (request) => (request.in === 'http' ? byHttp(request) : inBrowser(request))

  const compared: { door: Door; ours: number; byHand: number; checked: number }[] = []
  for (const door of gallery.doors) {
    const ours: number[] = []
    const byHand: number[] = []
    const checked: number[] = []
    const endsAtMs = performance.now() + doorMs
    // The first of each, which warms the browser up, does not count.
    for (let round = 0; round <= rounds; round++) {
      if (round > 1 && performance.now() > endsAtMs) break
      const hand = await timeByHand(house, door)
      const broker = await timeOurs(house, door, look)
      if (round === 0) continue
      byHand.push(hand)
      ours.push(broker.loginMs)
      checked.push(broker.withCheckMs)
    }
    compared.push({ door, ours: median(ours), byHand: median(byHand), checked: median(checked) })
  }
  const sum = (of: 'ours' | 'byHand' | 'checked') => compared.reduce((total, each) => total + each[of], 0)
  const told = compared.map(
    ({ door, ours, byHand, checked }) =>
      `${door.name} ${Math.round(ours)} : ${Math.round(byHand)} ms, ${Math.round(checked)} with the check`,
  )
  return {
    what: 'a login by zero recipe, from the address to the state',
    against: 'a Playwright script that knows the page',
    goal: 1.2,
    better: 'less',
    ratio: sum('ours') / sum('byHand'),
    details: told.join('; '),
  }
}

/** What a user of Playwright would write: go, fill in, press, wait for what the signed-in see, take the state. */
async function timeByHand(house: BrowserHouse, door: Door): Promise<number> {
  const startMs = performance.now()
  const signal = AbortSignal.timeout(mostMs)
  const exit = { sites: [door.loginUrl], isOver: () => signal.aborted }
  const state = await house.withContext({ signal, exit }, async (context, _browser, page) => {
    await signInByHand(page, door)
    await page.getByText(door.signedIn.text).first().waitFor({ timeout: mostMs })
    return context.storageState({ indexedDB: true })
  })
  const tookMs = performance.now() - startMs
  if (!door.isSignedIn(state)) throw new Error(`the script is not signed in at ${door.name}`)
  return tookMs
}

async function timeOurs(house: BrowserHouse, door: Door, look: SiteLook) {
  const { loginUrl, username, password } = door
  const signal = AbortSignal.timeout(mostMs)
  const startMs = performance.now()
  let provedMs = 0
  await createSiteLogin(house)({
    definition: definitionOf(door),
    credentials: {
      username,
      password,
      ...(door.totpSecret !== undefined && { code: () => door.nextCode() }),
    },
    requestPermit: () => Promise.resolve(),
    confirmPermit: () => undefined,
    isOver: () => signal.aborted,
    askPerson: () => Promise.reject(new Error('nobody is there')),
    async prove(login) {
      const beginMs = performance.now()
      if (!door.isSignedIn(login.state)) throw new Error(`the broker is not signed in at ${door.name}`)
      await deriveCheck((request) => look({ ...request, sites: [loginUrl] }), { login, loginUrl, signal })
      provedMs = performance.now() - beginMs
    },
    signal,
  })
  const withCheckMs = performance.now() - startMs
  return { loginMs: withCheckMs - provedMs, withCheckMs }
}

function definitionOf({ name, loginUrl }: Door): SessionDefinition {
  return {
    ...{ session: name, account: name, loginUrl, loginTimeoutMs: mostMs, recipe: recipeSchema.parse({}) },
    budget: { loginsPerDay: 1_000, failedPerDay: 1_000 },
    challenge: { timeoutMs: 0, perDay: 0 },
    byHand: false,
    upkeep: { renewBeforeMs: 0 },
    credentials: () => Promise.reject(new Error('they are handed in')),
  }
}

function openLocalExits() {
  return openExits({ own: () => [], allow: [], resolveHost: async (host) => [host] })
}

async function openHouse(exits: SiteExits, opened: AsyncDisposableStack): Promise<BrowserHouse> {
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), 'session-broker-bench-')), (each) =>
    rm(each, { recursive: true, force: true, maxRetries: 3 }),
  )
  return createBrowserHouse({
    executablePath: (await findChrome()).path,
    headless: true,
    args: [],
    sandbox: process.getuid?.() !== 0,
    env: pickBrowserEnv(process.env),
    folder: await openBrowserFolder({ folder: join(folder, 'browser'), log: { warn: () => undefined } }),
    idleMs: 60_000,
    exits,
  })
}
