import { join } from 'node:path'
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import type { Test } from 'tap'
import { openBrowserFolder } from '../../../apps/broker/src/browser/house/browser-folder.ts'
import { createBrowserHouse } from '../../../apps/broker/src/browser/house/browser-house.ts'
import type { SiteExits } from '../../../apps/broker/src/session/ports/site-exit.ts'
import { openLocalExits } from '../exit/local-exits.ts'

/** A real Chromium that reaches this machine alone, ended with the test. */
export async function openHouse(t: Test, { exits }: { exits?: SiteExits } = {}) {
  const local = await openLocalExits()
  t.teardown(() => local.close())
  // After the first `teardown`: then tap removes it when all are done, and not below a browser that still writes there.
  const folder = join(t.testdir(), 'browser')
  const house = createBrowserHouse({
    executablePath: (await findChrome()).path,
    headless: true,
    args: [],
    sandbox: process.getuid?.() !== 0,
    env: pickBrowserEnv(process.env),
    folder: await openBrowserFolder({ folder, log: { warn: () => undefined } }),
    idleMs: 60_000,
    exits: exits ?? local,
  })
  t.teardown(() => house.close())
  return { house, folder }
}
