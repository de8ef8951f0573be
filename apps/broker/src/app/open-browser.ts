import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import { type BrowserHouse, createBrowserHouse } from '../browser/browser-house.ts'
import { createBrowserLook } from '../browser/look-in-browser.ts'
import { createSiteLogin } from '../browser/sign-in.ts'
import type { BrokerConfig } from '../config/load-config.ts'
import type { Clock } from '../session/ports/clock.ts'
import type { SiteLogin } from '../session/ports/site-login.ts'
import type { SiteLook } from '../session/ports/site-look.ts'
import { createHttpLook } from '../site-http/look-by-http.ts'

const idleMs = 30_000

export interface BrowserWork {
  siteLogin: SiteLogin
  look: SiteLook
  house: BrowserHouse
}

/** Finds the browser for logins, and puts together what is done with it. @throws ChromeError where there is none. */
export async function openBrowser(
  { browser }: BrokerConfig,
  { env, clock }: { env: Readonly<Record<string, string | undefined>>; clock: Clock },
): Promise<BrowserWork> {
  const { path } = await findChrome({ configured: browser.executable })
  const house = createBrowserHouse({
    executablePath: path,
    headless: browser.headless,
    args: browser.args,
    sandbox: process.getuid?.() !== 0,
    env: pickBrowserEnv(env),
    idleMs,
  })
  const lookByHttp = createHttpLook({ clock })
  const lookInBrowser = createBrowserLook(house)
  return {
    house,
    siteLogin: createSiteLogin(house),
    look: (request) => (request.in === 'http' ? lookByHttp(request) : lookInBrowser(request)),
  }
}
