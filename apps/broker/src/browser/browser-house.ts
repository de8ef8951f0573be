import { ProblemError, type UserAgentMetadata } from '@session-broker/shared'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright'
import type { ExitRequest, SiteExit, SiteExits } from '../session/ports/site-exit.ts'
import { boundContext } from './bound-context.ts'
import { type BrowserName, nameBrowser, plainName } from './client-hints.ts'
import { enterExit } from './enter-exit.ts'
import { type BrowserOptions, type LaunchedBrowser, launchBrowser } from './launch-browser.ts'
import { browserCrashed, untilBroken } from './until-broken.ts'

export interface BrowserHouseOptions extends Omit<BrowserOptions, 'exits'> {
  /** A browser that nobody uses is ended after this time. */
  idleMs: number
  /** The only way that a page has to the sites. */
  exits: SiteExits
}

export interface ContextOptions {
  signal: AbortSignal
  /** Where the visit may go, and how long. */
  exit: ExitRequest
  /** How long the context stays after an abort, cut off from the network, for a last look; left out: not at all. */
  lingerMs?: number
  context?: Pick<BrowserContextOptions, 'userAgent' | 'storageState'>
  /** The client hints that go with `context.userAgent`; left out: the browser's own. */
  userAgentMetadata?: UserAgentMetadata | undefined
}

/** What runs in a context; `page` is its first one, still empty. */
export type Visit<T> = (context: BrowserContext, browser: Browser, page: Page) => Promise<T>

/** One Chromium for all logins, started on demand; every visit gets a context and an exit of its own. */
export interface BrowserHouse {
  /**
   * Runs `visit` in a fresh context, and closes it however the visit ends. An abort closes its exit at once.
   * @throws ProblemError beside what the visit throws: `login_unknown` where a page or the browser has crashed,
   *   `login_misconfigured` where a page led to where nothing is let through.
   */
  withContext<T>(options: ContextOptions, visit: Visit<T>): Promise<T>
  /** Ends its browsers, by force where they hang, and closes the folder that they wrote to. */
  close(): Promise<void>
}

export function createBrowserHouse({ idleMs, ...options }: BrowserHouseOptions): BrowserHouse {
  const { exits } = options
  const launch = () => launchBrowser(options)
  let running: Promise<LaunchedBrowser> | undefined
  let visits = 0
  let idle: NodeJS.Timeout | undefined
  let plain: Promise<BrowserName> | undefined

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
    running ??= launch()
    const entered = running
    try {
      const { browser } = await entered
      if (browser.isConnected()) return browser
    } catch (error) {
      if (running === entered) running = undefined
      throw error
    }
    // Of those who find it gone, the first has another one launched.
    if (running === entered) running = launch()
    return connectedBrowser()
  }

  function leave(): void {
    visits--
    if (visits > 0) return
    idle = setTimeout(() => end().catch(() => undefined), idleMs)
    idle.unref()
  }

  async function visitIn<T>(options: ContextOptions, visit: Visit<T>): Promise<T> {
    const { signal } = options
    const exit = await exits.open(options.exit)
    let closing: NodeJS.Timeout | undefined
    const cut = () => {
      if (options.lingerMs === undefined || options.lingerMs === 0) exit.close()
      else closing = setTimeout(exit.close, stopMs)
    }
    signal.addEventListener('abort', cut)
    try {
      signal.throwIfAborted()
      return await visitThrough(exit, options, visit)
    } catch (error) {
      throw namingProxy(error, exit)
    } finally {
      signal.removeEventListener('abort', cut)
      clearTimeout(closing)
      exit.close()
    }
  }

  async function nameFor(browser: Browser, options: ContextOptions): Promise<BrowserName> {
    const { context, userAgentMetadata } = options
    if (context?.userAgent !== undefined && userAgentMetadata)
      return { userAgent: context.userAgent, userAgentMetadata }
    plain ??= plainName(browser)
    const own = await plain.catch((error) => {
      plain = undefined
      throw error
    })
    return { ...own, userAgent: context?.userAgent ?? own.userAgent }
  }

  async function visitThrough<T>(exit: SiteExit, options: ContextOptions, visit: Visit<T>): Promise<T> {
    const { signal, lingerMs = 0 } = options
    const browser = await enter()
    try {
      const name = await nameFor(browser, options)
      const proxy = { server: exits.server }
      const context = await browser.newContext({
        acceptDownloads: false,
        ...options.context,
        userAgent: name.userAgent,
        proxy,
      })
      const close = () => context.close().catch(() => undefined)
      let lingering: NodeJS.Timeout | undefined
      const giveUp = () => {
        // Nothing of it gets to the site any more.
        lingering = setTimeout(close, lingerMs)
      }
      signal.addEventListener('abort', giveUp)
      try {
        signal.throwIfAborted()
        boundContext(context)
        const page = await context.newPage()
        await nameBrowser(context, page, name)
        await enterExit(page, { ...exit, doorbell: exits.doorbell })
        return await untilBroken(() => visit(context, browser, page), { context, exit, signal })
      } finally {
        signal.removeEventListener('abort', giveUp)
        clearTimeout(lingering)
        await close()
      }
    } catch (error) {
      // It was gone before the visit began.
      const isGone = !browser.isConnected() && !signal.aborted && !(error instanceof ProblemError)
      throw isGone ? browserCrashed(error) : error
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

/** Whether site or proxy is to blame nobody can tell from here. */
function namingProxy(error: unknown, { via }: SiteExit): unknown {
  if (via === undefined || !(error instanceof ProblemError) || error.code !== 'login_site_down') return error
  return new ProblemError(error.code, `${error.message}, through the proxy ${via}`, { cause: error.cause })
}

/**
 * What is over passes no exit, closed or not (`isOver`). Closed at once, though, a page that waits for an answer would show an error in
 * place of what is to be looked at.
 */
const stopMs = 500

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
