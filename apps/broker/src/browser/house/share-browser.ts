import type { Browser } from 'playwright'
import type { LaunchedBrowser } from './launch-browser.ts'

export interface SharedBrowserOptions {
  launch(): Promise<LaunchedBrowser>
  /** A browser that nobody uses is ended after this time. */
  idleMs: number
}

export interface Stay {
  browser: Browser
  /** May be called again. A browser that nobody is in any more ends after a while. */
  leave(): void
  /** Leaves one that seems to hang: the next who enters gets another, and where it answers nothing it ends with all who are in it. */
  abandon(): void
}

/** One browser for all who enter, launched on demand. */
export interface SharedBrowser {
  /** @throws ProblemError `login_misconfigured` where it does not start. */
  enter(): Promise<Stay>
  /** Ends the present one; those that were abandoned end by themselves. */
  end(): Promise<void>
}

interface Running {
  launched: Promise<LaunchedBrowser>
  visits: number
  idle?: NodeJS.Timeout
}

export function shareBrowser({ launch, idleMs }: SharedBrowserOptions): SharedBrowser {
  let current: Running | undefined

  function retire(running: Running): void {
    clearTimeout(running.idle)
    if (current === running) current = undefined
  }

  async function end(running: Running): Promise<void> {
    retire(running)
    await (await running.launched.catch(() => undefined))?.close()
  }

  async function enter(): Promise<Stay> {
    current ??= { launched: launch(), visits: 0 }
    const running = current
    clearTimeout(running.idle)
    running.visits++
    try {
      const { browser } = await running.launched
      if (browser.isConnected()) return stayIn(running, browser)
    } catch (error) {
      retire(running)
      throw error
    }
    // Of those who find it gone, the first has another one launched.
    retire(running)
    return enter()
  }

  function stayIn(running: Running, browser: Browser): Stay {
    let isIn = true
    function leave(): void {
      if (!isIn) return
      isIn = false
      running.visits--
      if (running.visits > 0) return
      running.idle = setTimeout(end, running === current ? idleMs : 0, running)
      running.idle.unref()
    }
    return {
      browser,
      leave,
      async abandon() {
        retire(running)
        leave()
        if (!(await answers(browser))) await end(running)
      },
    }
  }

  return {
    enter,
    end: async () => current && end(current),
  }
}

/** One that hangs says nothing at all; others may be in one that does. */
const answerMs = 5_000

async function answers(browser: Browser): Promise<boolean> {
  const { promise: tooLong, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, answerMs, false)
  const answer = browser.newBrowserCDPSession().then((session) => session.detach())
  try {
    return await Promise.race([answer.then(() => true), tooLong])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
