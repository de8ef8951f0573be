import { ProblemError } from '@session-broker/shared'
import type { BrowserContext, Page, Request } from 'playwright'
import type { SiteExit } from '../../session/ports/site-exit.ts'

interface Breakable {
  context: BrowserContext
  exit: Pick<SiteExit, 'refusalOf'>
  signal: AbortSignal
}

/**
 * Runs a visit until it ends, or can't go on: what waits for a page that has crashed would wait until its time is over.
 * @throws ProblemError `login_unknown` where page or browser crashed, `login_misconfigured` where a page led to where nothing is
 *   let through; these before whatever became of the visit by them.
 */
export async function untilBroken<T>(visit: () => Promise<T>, breakable: Breakable): Promise<T> {
  let problem: ProblemError | undefined
  const broken = new Promise<never>((_, reject) => {
    watch(breakable, (found) => {
      problem ??= found
      reject(found)
    })
  })
  try {
    return await Promise.race([visit(), broken])
  } catch (error) {
    throw problem ?? error
  }
}

export function browserCrashed(cause?: unknown): ProblemError {
  return new ProblemError('login_unknown', 'the browser crashed in the middle of it', { cause })
}

function watch({ context, exit, signal }: Breakable, report: (problem: ProblemError) => void): void {
  const crashed = () => report(browserCrashed())
  const watchPage = (page: Page) => page.on('crash', crashed)
  for (const page of context.pages()) watchPage(page)
  context.on('page', watchPage)
  context.once('close', () => {
    if (!signal.aborted) crashed()
  })
  context.on('requestfailed', (request) => {
    const refusal = leadsPage(request) ? exit.refusalOf(request.url()) : undefined
    if (refusal) report(refusal)
  })
}

/** What a page takes in beside itself may be missing; the page itself may not. */
function leadsPage(request: Request): boolean {
  try {
    return request.isNavigationRequest() && request.frame().parentFrame() === null
  } catch {
    // Of a service worker, or of a page that is not there yet.
    return false
  }
}
