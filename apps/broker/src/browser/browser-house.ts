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

export type ContextOptions = BrowserContextOptions & { signal: AbortSignal }

/** One Chromium for all logins, started on demand; every visit gets a context of its own. */
export interface BrowserHouse {
  /** Runs `visit` in a fresh context, and closes it however the visit ends. An abort closes it at once. */
  withContext<T>(
    options: ContextOptions,
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
    close: () => withinAfter(AbortSignal.abort(new Error('the browser does not end')), end()),
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
