import { holdPages } from '../in-browser/hold-pages.ts'
import type { OpenContext, OriginPage } from '../in-browser/open-context.ts'
import { reloadPages } from '../in-browser/reload-pages.ts'
import { replaceLocalStorage } from '../in-browser/replace-local-storage.ts'
import { fromPuppeteerCookie, toPuppeteerCookies } from './puppeteer-cookies.ts'
import type { PuppeteerContext, PuppeteerPage } from './puppeteer-types.ts'

const navigateMs = 10_000
const reloadMs = 30_000
const emptyDocument = {
  responseCode: 200,
  responseHeaders: [{ name: 'Content-Type', value: 'text/html' }],
  body: Buffer.from('<!doctype html>').toString('base64'),
}

/** A Puppeteer context as this package works with one. */
export function asOpenContext(context: PuppeteerContext): OpenContext {
  return {
    cookies: async () => (await context.cookies()).map(fromPuppeteerCookie),
    setCookies: (cookies) => context.setCookie(...toPuppeteerCookies(cookies)),
    hold: async (concerns) =>
      holdPages(await context.pages(), { concerns, attach: (page) => page.createCDPSession() }),
    standOn: (origin) => standOn(context, origin),
    async reload(concerns) {
      const reload = (page: PuppeteerPage) =>
        page.reload({ timeout: reloadMs, waitUntil: 'domcontentloaded' })
      return reloadPages(await context.pages(), { concerns, reload })
    },
  }
}

async function standOn(context: PuppeteerContext, origin: string): Promise<OriginPage> {
  const page = await context.newPage()
  try {
    const cdp = await page.createCDPSession()
    cdp.on('Fetch.requestPaused', ({ requestId }) => {
      // The page's navigation tells what became of it.
      cdp.send('Fetch.fulfillRequest', { requestId, ...emptyDocument }).catch(() => undefined)
    })
    await cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
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
