import { holdPages } from '../in-browser/hold-pages.ts'
import type { Concerns, OpenContext, OriginPage } from '../in-browser/open-context.ts'
import { reloadPages } from '../in-browser/reload-pages.ts'
import { replaceLocalStorage } from '../in-browser/replace-local-storage.ts'
import type {
  PlaywrightContext,
  PlaywrightCookie,
  PlaywrightPage,
  PlaywrightRoute,
} from './playwright-types.ts'

const navigateMs = 10_000
const reloadMs = 30_000

/** A Playwright context as this package works with one. */
export function asOpenContext(context: PlaywrightContext): OpenContext {
  return {
    cookies: () => context.cookies(),
    setCookies: (cookies) => context.addCookies(cookies as PlaywrightCookie[]),
    hold: (concerns) => hold(context, concerns),
    standOn: (origin) => standOn(context, origin),
    reload: (concerns) =>
      reloadPages(context.pages(), {
        concerns,
        reload: (page) => page.reload({ timeout: reloadMs, waitUntil: 'commit' }),
      }),
  }
}

/**
 * The open pages by CDP, before any handler of the program is asked; what has no session of ours (workers, frames of other sites, pages
 * to come, and all of Firefox and WebKit) by a route, which comes after the program's own.
 */
async function hold(context: PlaywrightContext, concerns: Concerns): Promise<() => Promise<void>> {
  const gate = Promise.withResolvers<void>()
  const held = new Set<Promise<void>>()
  const handler = (route: PlaywrightRoute) => {
    const passed = gate.promise.then(() => route.fallback())
    held.add(passed)
    return passed
  }
  const stopRouting = async () => {
    gate.resolve()
    await Promise.allSettled(held)
    await context.unroute(concerns, handler)
  }
  await context.route(concerns, handler)
  const attach = (page: PlaywrightPage) => context.newCDPSession(page).catch(() => undefined)
  const release = await holdPages(context.pages(), { concerns, attach }).catch(async (error) => {
    await stopRouting()
    throw error
  })
  return async () => {
    gate.resolve()
    await release()
    await stopRouting()
  }
}

async function standOn(context: PlaywrightContext, origin: string): Promise<OriginPage> {
  const page = await context.newPage()
  try {
    await page.route('**', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<!doctype html>' }),
    )
    await page.goto(`${origin}/`, { timeout: navigateMs })
    return {
      replaceLocalStorage: (entries) => page.evaluate(replaceLocalStorage, { origin, entries }),
      close: () => page.close(),
    }
  } catch (error) {
    await page.close()
    throw error
  }
}
