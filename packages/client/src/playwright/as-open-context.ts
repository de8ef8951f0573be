import type { OpenContext, OriginPage } from '../in-browser/open-context.ts'
import { reloadPages } from '../in-browser/reload-pages.ts'
import { replaceLocalStorage } from '../in-browser/replace-local-storage.ts'
import type { PlaywrightContext, PlaywrightCookie, PlaywrightRoute } from './playwright-types.ts'

const navigateMs = 10_000
const reloadMs = 30_000

/** A Playwright context as this package works with one. */
export function asOpenContext(context: PlaywrightContext): OpenContext {
  return {
    cookies: () => context.cookies(),
    setCookies: (cookies) => context.addCookies(cookies as PlaywrightCookie[]),
    async hold(concerns) {
      const gate = Promise.withResolvers<void>()
      const held = new Set<Promise<void>>()
      const handler = (route: PlaywrightRoute) => {
        const passed = gate.promise.then(() => route.fallback())
        held.add(passed)
        return passed
      }
      const stopHolding = async () => {
        gate.resolve()
        await Promise.allSettled(held)
        await context.unroute(concerns, handler)
      }
      await context.route(concerns, handler)
      return stopHolding
    },
    standOn: (origin) => standOn(context, origin),
    reload: (concerns) =>
      reloadPages(context.pages(), {
        concerns,
        reload: (page) => page.reload({ timeout: reloadMs, waitUntil: 'commit' }),
      }),
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
