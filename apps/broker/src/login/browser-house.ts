import { ProblemError } from '@session-broker/shared'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright'

export interface BrowserHouseOptions {
  executablePath: string
  headless: boolean
  args: readonly string[]
  /** False only as root, where Chromium's sandbox refuses to run. */
  sandbox: boolean
  /** The browser's whole environment: nothing of the broker's, which may hold secrets. */
  env: Record<string, string>
  /** A browser that nobody uses is ended after this time. */
  idleMs: number
}

/** One Chromium for all logins, started on demand; every visit gets a context of its own. */
export interface BrowserHouse {
  /** Runs `visit` in a fresh context, and closes it however the visit ends. An abort closes it at once. */
  withContext<T>(
    options: BrowserContextOptions & { signal: AbortSignal },
    visit: (context: BrowserContext, browser: Browser) => Promise<T>,
  ): Promise<T>
  close(): Promise<void>
}

export function createBrowserHouse(options: BrowserHouseOptions): BrowserHouse {
  let running: Promise<Browser> | undefined
  let visits = 0
  let idle: NodeJS.Timeout | undefined
  let userAgent: string | undefined

  async function end(): Promise<void> {
    clearTimeout(idle)
    const browser = running
    running = undefined
    await (await browser?.catch(() => undefined))?.close()
  }

  async function enter(): Promise<Browser> {
    clearTimeout(idle)
    visits++
    running ??= launch(options)
    try {
      const browser = await running
      if (browser.isConnected()) return browser
      running = launch(options)
      return await running
    } catch (error) {
      leave()
      running = undefined
      throw error
    }
  }

  function leave(): void {
    visits--
    if (visits > 0) return
    idle = setTimeout(() => end().catch(() => undefined), options.idleMs)
    idle.unref()
  }

  return {
    close: end,
    async withContext({ signal, ...contextOptions }, visit) {
      signal.throwIfAborted()
      const browser = await enter()
      try {
        userAgent ??= await plainUserAgent(browser)
        const context = await browser.newContext({ userAgent, ...contextOptions })
        const close = () => context.close().catch(() => undefined)
        signal.addEventListener('abort', close)
        try {
          return await visit(context, browser)
        } finally {
          signal.removeEventListener('abort', close)
          await close()
        }
      } finally {
        leave()
      }
    },
  }
}

async function launch({
  executablePath,
  headless,
  args,
  sandbox,
  env,
}: BrowserHouseOptions): Promise<Browser> {
  try {
    return await chromium.launch({
      executablePath,
      headless,
      chromiumSandbox: sandbox,
      env,
      args: [...args],
      // The broker decides when a login ends; a signal to the process group must not.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  } catch (cause) {
    throw new ProblemError('login_misconfigured', `the browser ${executablePath} does not start`, { cause })
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
