import { highEntropyHints, type UserAgentMetadata, userAgentMetadataOf } from '@session-broker/shared'
import type { Browser, BrowserContext, Page } from 'playwright'

/** What a browser says of itself. */
export interface BrowserName {
  userAgent: string
  /** Left out: the browser's own client hints are right. */
  userAgentMetadata?: UserAgentMetadata | undefined
}

/**
 * What the page's browser answers to client hints, out of reach of the page's own scripts.
 * @returns undefined where it answers none: in no secure context, or where the page's policy forbids it.
 */
export async function readClientHints(page: Page): Promise<UserAgentMetadata | undefined> {
  const session = await page.context().newCDPSession(page)
  try {
    const { frameTree } = await session.send('Page.getFrameTree')
    const world = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id })
    const { result } = await session.send('Runtime.evaluate', {
      expression: `navigator.userAgentData?.getHighEntropyValues(${JSON.stringify(highEntropyHints)})`,
      contextId: world.executionContextId,
      awaitPromise: true,
      returnByValue: true,
    })
    return userAgentMetadataOf(result.value)
  } finally {
    await session.detach().catch(() => undefined)
  }
}

/** What the same browser with a window would say: sites treat "HeadlessChrome" otherwise. */
export async function plainName(browser: Browser): Promise<BrowserName> {
  const session = await browser.newBrowserCDPSession()
  const version = await session.send('Browser.getVersion').finally(() => session.detach())
  const userAgent = version.userAgent.replace('HeadlessChrome', 'Chrome')
  const own = await ownClientHints(browser, userAgent)
  const userAgentMetadata = own && withoutHeadless(own)
  return { userAgent, userAgentMetadata }
}

/** In a page that is answered here, so that nothing leaves for anywhere. */
async function ownClientHints(browser: Browser, userAgent: string): Promise<UserAgentMetadata | undefined> {
  const context = await browser.newContext({ userAgent })
  try {
    await context.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }))
    const page = await context.newPage()
    await page.goto('https://localhost/')
    return await readClientHints(page)
  } finally {
    await context.close()
  }
}

/** @returns undefined where nothing in them names a headless browser. */
export function withoutHeadless(hints: UserAgentMetadata): UserAgentMetadata | undefined {
  const isPlain = ({ brand }: { brand: string }) => brand !== 'HeadlessChrome'
  if (hints.brands.every(isPlain) && hints.fullVersionList.every(isPlain)) return undefined
  const { brands, fullVersionList } = hints
  return {
    ...hints,
    brands: brands.filter(isPlain),
    fullVersionList: fullVersionList.filter(isPlain),
  }
}

/**
 * Makes the context's pages answer with these client hints, each for as long as it is open. A window that a page opens has made its
 * first request by then.
 */
export async function nameBrowser(context: BrowserContext, page: Page, name: BrowserName): Promise<void> {
  const { userAgent, userAgentMetadata } = name
  if (!userAgentMetadata) return
  const apply = async (each: Page) => {
    const session = await context.newCDPSession(each)
    await session.send('Emulation.setUserAgentOverride', { userAgent, userAgentMetadata })
  }
  // One that has closed again needs none.
  context.on('page', (opened) => void apply(opened).catch(() => undefined))
  await apply(page)
}
