import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright'
import { type BrowserOptions, type LaunchedBrowser, launchBrowser } from './launch-browser.ts'

export interface BrowserHouseOptions extends BrowserOptions {
  /** A browser that nobody uses is ended after this time. */
  idleMs: number
}

export type ContextOptions = BrowserContextOptions & { signal: AbortSignal }

/** One Chromium for all logins, started on demand; every visit gets a context of its own. */
export interface BrowserHouse {
  /** Runs `visit` in a fresh context, and closes it however the visit ends. An abort closes it at once. */
  withContext<T>(
    options: ContextOptions,
    visit: (context: BrowserContext, browser: Browser) => Promise<T>,
  ): Promise<T>
  /** Ends its browsers, by force where they hang, and closes the folder that they wrote to. */
  close(): Promise<void>
}

export function createBrowserHouse(options: BrowserHouseOptions): BrowserHouse {
  let running: Promise<LaunchedBrowser> | undefined
  let visits = 0
  let idle: NodeJS.Timeout | undefined
  let userAgent: string | undefined

  async function end(): Promise<void> {
    clearTimeout(idle)
    const ending = running
    running = undefined
    await (await ending?.catch(() => undefined))?.close()
  }

  async function enter(): Promise<Browser> {
    clearTimeout(idle)
    visits++
    try {
      return await connectedBrowser()
    } catch (error) {
      leave()
      throw error
    }
  }

  async function connectedBrowser(): Promise<Browser> {
    running ??= launchBrowser(options)
    const entered = running
    try {
      const { browser } = await entered
      if (browser.isConnected()) return browser
    } catch (error) {
      if (running === entered) running = undefined
      throw error
    }
    // Of those who find it gone, the first has another one launched.
    if (running === entered) running = launchBrowser(options)
    return connectedBrowser()
  }

  function leave(): void {
    visits--
    if (visits > 0) return
    idle = setTimeout(() => end().catch(() => undefined), options.idleMs)
    idle.unref()
  }

  async function visitIn<T>(
    { signal, ...contextOptions }: ContextOptions,
    visit: (context: BrowserContext, browser: Browser) => Promise<T>,
  ): Promise<T> {
    const browser = await enter()
    try {
      userAgent ??= await plainUserAgent(browser)
      const context = await browser.newContext({ userAgent, ...contextOptions })
      const close = () => context.close().catch(() => undefined)
      signal.addEventListener('abort', close)
      try {
        signal.throwIfAborted()
        return await visit(context, browser)
      } finally {
        signal.removeEventListener('abort', close)
        await close()
      }
    } finally {
      leave()
    }
  }

  return {
    async close() {
      // One that hangs, or is still starting, is ended with the folder.
      await withinAfter(AbortSignal.abort(), end()).catch(() => undefined)
      await options.folder.close()
    },
    withContext(contextOptions, visit) {
      contextOptions.signal.throwIfAborted()
      return withinAfter(contextOptions.signal, visitIn(contextOptions, visit))
    },
  }
}

/** A browser that was killed, or hangs, answers nothing: once the signal is aborted the work has this long to end. */
const endingMs = 3_000

async function withinAfter<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const tooLong = new Promise<never>((_, reject) => {
    const startTimer = () => {
      const timer = setTimeout(() => reject(signal.reason), endingMs)
      over.signal.addEventListener('abort', () => clearTimeout(timer))
    }
    if (signal.aborted) startTimer()
    else signal.addEventListener('abort', startTimer, { signal: over.signal })
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    over.abort()
  }
}

/** What the same browser with a window would say: sites treat "HeadlessChrome" otherwise. */
async function plainUserAgent(browser: Browser): Promise<string> {
  const session = await browser.newBrowserCDPSession()
  try {
    const { userAgent } = await session.send('Browser.getVersion')
    return userAgent.replace('HeadlessChrome', 'Chrome')
  } finally {
    await session.detach()
  }
}
