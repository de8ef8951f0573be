import { join } from 'node:path'
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import { openBrowserFolder } from '../browser/house/browser-folder.ts'
import { type BrowserHouse, createBrowserHouse } from '../browser/house/browser-house.ts'
import { createLogOutPress } from '../browser/log-out/log-out.ts'
import { createBrowserLook } from '../browser/look-in-browser.ts'
import { createSiteLogin, type SignInOptions } from '../browser/sign-in/sign-in.ts'
import type { BrokerConfig } from '../config/load-config.ts'
import { openExits } from '../exit/open-exits.ts'
import { resolveBySystem } from '../exit/resolve-host.ts'
import type { HostPort } from '../exit/target-rules.ts'
import { createLogOut } from '../session/log-out-at-site.ts'
import type { Clock } from '../session/ports/clock.ts'
import type { Log } from '../session/ports/log.ts'
import type { SiteLogOut } from '../session/ports/site-log-out.ts'
import type { SiteLogin } from '../session/ports/site-login.ts'
import type { SiteLook } from '../session/ports/site-look.ts'
import { createHttpLook } from '../site-http/look-by-http.ts'

const idleMs = 30_000

export interface BrowserWork {
  siteLogin: SiteLogin
  siteLogOut: SiteLogOut
  look: SiteLook
  house: BrowserHouse
}

interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  clock: Clock
  log: Log
  /** Where the broker itself and its Redis servers are, as soon as that is known: no page is led there. */
  own: () => readonly HostPort[]
}

/**
 * Finds the browser for logins, clears what those of brokers that are gone have left, and puts together what is done with it.
 * @throws ChromeError where there is none, ProblemError where it has no folder to write to.
 */
export async function openBrowser(
  { browser, data, recipeHooks }: BrokerConfig,
  { env, clock, log, own, ...signInOptions }: Surroundings & Omit<SignInOptions, 'hooksOf'>,
): Promise<BrowserWork> {
  const { path } = await findChrome({ configured: browser.executable })
  const exits = await openExits({ resolveHost: resolveBySystem, own, allow: browser.allow })
  const house = createBrowserHouse({
    exits,
    executablePath: path,
    headless: browser.headless,
    args: browser.args,
    sandbox: process.getuid?.() !== 0,
    env: pickBrowserEnv(env),
    folder: await openBrowserFolder({ folder: join(data, 'browser'), log }),
    idleMs,
  })
  const lookByHttp = createHttpLook({ clock, exits })
  const lookInBrowser = createBrowserLook(house)
  const look: SiteLook = (request) => (request.in === 'http' ? lookByHttp(request) : lookInBrowser(request))
  const hooksOf = (session: string) => recipeHooks[session]
  return {
    house: {
      ...house,
      async close() {
        await house.close()
        await exits.close()
      },
    },
    look,
    siteLogin: createSiteLogin(house, { ...signInOptions, hooksOf }),
    siteLogOut: createLogOut({ press: createLogOutPress(house, hooksOf), look }),
  }
}
