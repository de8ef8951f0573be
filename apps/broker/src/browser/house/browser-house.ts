import { ProblemError, type UserAgentMetadata } from '@session-broker/shared'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright'
import type { ExitRequest, SiteExit, SiteExits } from '../../session/ports/site-exit.ts'
import { boundContext } from './bound-context.ts'
import { type BrowserName, nameBrowser, plainName } from './client-hints.ts'
import { enterExit } from './enter-exit.ts'
import { type BrowserOptions, launchBrowser } from './launch-browser.ts'
import { shareBrowser } from './share-browser.ts'
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

/** `late` aborts when nobody waits for the visit any more. */
type VisitOptions = ContextOptions & { late: AbortSignal }
type Entered = Omit<ContextOptions, 'exit'> & { exit: SiteExit }

/** What runs in a context; `page` is its first one, still empty. */
export type Visit<T> = (context: BrowserContext, browser: Browser, page: Page) => Promise<T>

/** One Chromium for all logins, started on demand, replaced where it hangs; every visit gets a context and an exit of its own. */
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
  const shared = shareBrowser({ launch: () => launchBrowser(options), idleMs })
  let plain: BrowserName | undefined

  async function visitIn<T>(options: VisitOptions, visit: Visit<T>): Promise<T> {
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

  async function nameFor(browser: Browser, options: Entered): Promise<BrowserName> {
    const { context, userAgentMetadata } = options
    if (context?.userAgent !== undefined && userAgentMetadata)
      return { userAgent: context.userAgent, userAgentMetadata }
    // The name is kept, not the asking: another's browser may hang.
    plain ??= await plainName(browser)
    return { ...plain, userAgent: context?.userAgent ?? plain.userAgent }
  }

  async function visitThrough<T>(exit: SiteExit, options: VisitOptions, visit: Visit<T>): Promise<T> {
    const { signal, late } = options
    const { browser, leave, abandon } = await shared.enter()
    late.addEventListener('abort', abandon)
    try {
      signal.throwIfAborted()
      return await visitContext(browser, { ...options, exit }, visit)
    } catch (error) {
      // It was gone before the visit began.
      const isGone = !browser.isConnected() && !signal.aborted && !(error instanceof ProblemError)
      throw isGone ? browserCrashed(error) : error
    } finally {
      late.removeEventListener('abort', abandon)
      leave()
    }
  }

  async function visitContext<T>(browser: Browser, options: Entered, visit: Visit<T>): Promise<T> {
    const { signal, exit, lingerMs = 0 } = options
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
  }

  return {
    async close() {
      // One that hangs, or is still starting, is ended with the folder.
      await withinAfter(AbortSignal.abort(), shared.end).catch(() => undefined)
      await options.folder.close()
    },
    withContext(contextOptions, visit) {
      contextOptions.signal.throwIfAborted()
      return withinAfter(contextOptions.signal, (late) => visitIn({ ...contextOptions, late }, visit))
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

async function withinAfter<T>(signal: AbortSignal, work: (late: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = new AbortController()
  const tooLong = new Promise<never>((_, reject) => {
    const giveUp = () => {
      late.abort()
      reject(signal.reason)
    }
    const startTimer = () => {
      const timer = setTimeout(giveUp, endingMs)
      over.signal.addEventListener('abort', () => clearTimeout(timer))
    }
    if (signal.aborted) startTimer()
    else signal.addEventListener('abort', startTimer, { signal: over.signal })
  })
  try {
    return await Promise.race([work(late.signal), tooLong])
  } finally {
    over.abort()
  }
}
