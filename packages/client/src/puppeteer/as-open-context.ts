import type { Concerns, OpenContext, OriginPage } from '../in-browser/open-context.ts'
import { isConcerned, reloadPages } from '../in-browser/reload-pages.ts'
import { replaceLocalStorage } from '../in-browser/replace-local-storage.ts'
import { fromPuppeteerCookie, toPuppeteerCookies } from './puppeteer-cookies.ts'
import type { PuppeteerCdp, PuppeteerContext, PuppeteerPage } from './puppeteer-types.ts'

const navigateMs = 10_000
const reloadMs = 30_000
const everyRequest = { patterns: [{ urlPattern: '*' }] }
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
    async hold(concerns) {
      const pages = await context.pages()
      const holds = await Promise.allSettled(pages.map((page) => holdPage(page, concerns)))
      const release = async () => {
        await Promise.all(holds.map((hold) => hold.status === 'fulfilled' && hold.value()))
      }
      // A page that has closed meanwhile asks for nothing any more.
      const failed = holds.find((hold, at) => hold.status === 'rejected' && !pages[at]?.isClosed())
      if (failed?.status !== 'rejected') return release
      await release()
      throw failed.reason
    },
    standOn: (origin) => standOn(context, origin),
    async reload(concerns) {
      const reload = (page: PuppeteerPage) =>
        page.reload({ timeout: reloadMs, waitUntil: 'domcontentloaded' })
      return reloadPages(await context.pages(), { concerns, reload })
    },
  }
}

/** Over a session of its own, so that interception which the program uses itself is not touched. */
async function holdPage(page: PuppeteerPage, concerns: Concerns): Promise<() => Promise<void>> {
  const cdp = await page.createCDPSession()
  const gate = Promise.withResolvers<void>()
  const passed: Promise<unknown>[] = []
  cdp.on('Fetch.requestPaused', ({ requestId, request }) => {
    // One whose page is gone by then needs nothing.
    const go = () => cdp.send('Fetch.continueRequest', { requestId }).catch(() => undefined)
    passed.push(isConcerned(concerns, request.url) ? gate.promise.then(go) : go())
  })
  const release = async () => {
    gate.resolve()
    await Promise.all(passed)
    await cdp.detach().catch(() => undefined)
  }
  try {
    await cdp.send('Fetch.enable', everyRequest)
    return release
  } catch (error) {
    await release()
    throw error
  }
}

async function standOn(context: PuppeteerContext, origin: string): Promise<OriginPage> {
  const page = await context.newPage()
  try {
    const cdp: PuppeteerCdp = await page.createCDPSession()
    cdp.on('Fetch.requestPaused', ({ requestId }) => {
      // The page's navigation tells what became of it.
      cdp.send('Fetch.fulfillRequest', { requestId, ...emptyDocument }).catch(() => undefined)
    })
    await cdp.send('Fetch.enable', everyRequest)
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
