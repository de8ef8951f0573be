import { ProblemError } from '@session-broker/shared'
import type { CDPSession, Frame, Page, Response } from 'playwright'
import type { LoginJob } from '../session/ports/site-login.ts'
import type { Trail } from './trail.ts'

// HTTP authentication (RFC 9110, section 11): the browser itself asks for the name and the password, in a dialog of its own.

export interface HttpAuthJob extends Pick<LoginJob, 'credentials' | 'requestPermit' | 'confirmPermit'> {
  url: string
  timeoutMs: number
  trail: Trail
}

type Opened = { asked: false; response: Response | null } | { asked: true; by: string }

/** How long the browser may take to show that the page has failed; with a window it waits for its dialog instead. */
const failingMs = 1_000

/** Opens a page. @returns the origin that asks by HTTP authentication, where one does. @throws as `page.goto`. */
export async function openUnlessAsked(page: Page, url: string, timeout: number): Promise<Opened> {
  const question = page
    .waitForEvent('response', { predicate: (response) => asksInDialog(page, response), timeout })
    .then((response): Opened => ({ asked: true, by: new URL(response.url()).origin }))
  question.catch(() => undefined)
  const hasFailed = page.waitForEvent('framenavigated', { predicate: isFailedPage, timeout })
  hasFailed.catch(() => undefined)
  const opening = page
    .goto(url, { timeout, waitUntil: 'domcontentloaded' })
    .then((response): Opened => ({ asked: false, response }))
  opening.catch(() => undefined)
  const opened = await Promise.race([question, opening]).catch(async (error) => {
    // Of the failure and its cause, the cause may be read later.
    const late = await Promise.race([question, delay(page, 100)])
    if (late) return late
    throw error
  })
  // The failed page would come in between whatever is opened next.
  if (opened.asked) await Promise.race([hasFailed, delay(page, failingMs)])
  return opened
}

function isFailedPage(frame: Frame): boolean {
  return frame.parentFrame() === null && frame.url().startsWith('chrome-error:')
}

function delay(page: Page, ms: number): Promise<undefined> {
  return page.waitForTimeout(ms).then(
    () => undefined,
    () => undefined,
  )
}

function asksInDialog(page: Page, response: Response): boolean {
  if (response.status() !== 401 || response.headers()['www-authenticate'] === undefined) return false
  const request = response.request()
  return request.isNavigationRequest() && response.frame() === page.mainFrame()
}

/**
 * Gives the name and the password, once, to the login's own origin.
 * @throws ProblemError `login_bad_credentials` where the site asks once more.
 */
export async function signInByHttpAuth(page: Page, job: HttpAuthJob): Promise<Response | null> {
  const { url, credentials, trail, timeoutMs } = job
  const { origin } = new URL(url)
  const session = await page.context().newCDPSession(page)
  const answers = answerOnce(session, { origin, ...credentials })
  try {
    await session.send('Fetch.enable', {
      handleAuthRequests: true,
      patterns: [{ urlPattern: `${origin}/*` }],
    })
    await job.requestPermit()
    job.confirmPermit()
    trail.did('gave the username and the password by HTTP authentication')
    const response = await page
      .goto(url, { timeout: timeoutMs, waitUntil: 'domcontentloaded' })
      .catch((error) => {
        if (answers.wereRefused()) return undefined
        throw error
      })
    if (response !== undefined && !answers.wereRefused()) return response
  } finally {
    await session.detach().catch(() => undefined)
  }
  throw new ProblemError(
    'login_bad_credentials',
    `${origin} asked by HTTP authentication again: the username or the password is not right`,
  )
}

function answerOnce(
  session: CDPSession,
  { origin, username, password }: { origin: string; username: string; password: string },
) {
  let given = 0
  let refused = false
  session.on('Fetch.requestPaused', ({ requestId }) => {
    void session.send('Fetch.continueRequest', { requestId }).catch(() => undefined)
  })
  session.on('Fetch.authRequired', ({ requestId, authChallenge }) => {
    const isOurs = authChallenge.origin === origin
    const isFirst = isOurs && given === 0
    if (isFirst) given++
    else if (isOurs) refused = true
    const authChallengeResponse = isFirst
      ? ({ response: 'ProvideCredentials', username, password } as const)
      : ({ response: 'CancelAuth' } as const)
    void session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse }).catch(() => undefined)
  })
  return { wereRefused: () => refused }
}

export function askedElsewhere(origin: string): ProblemError {
  return new ProblemError(
    'login_misconfigured',
    `${origin} asks by HTTP authentication: name and password are given so to the origin of login.url alone`,
  )
}

/** A session that is the header itself cannot be handed over: no cookie carries it, and the password stays here. */
export function nothingToHandOver(error: unknown, url: string): unknown {
  if (!(error instanceof ProblemError) || error.code !== 'login_not_authenticated') return error
  return new ProblemError(
    'login_not_authenticated',
    `${new URL(url).origin} took the name and the password by HTTP authentication, and what it left in the browser is not signed in ` +
      `without them: there is nothing to hand over (${error.message})`,
    { cause: error },
  )
}
