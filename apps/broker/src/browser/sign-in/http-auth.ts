import { ProblemError } from '@session-broker/shared'
import type { CDPSession, Page, Response } from 'playwright'
import type { LoginJob } from '../../session/ports/site-login.ts'
import type { Trail } from '../traces/trail.ts'
import { failureInAnswer, siteDown } from './classify-failure.ts'

// HTTP authentication (RFC 9110, section 11): the browser itself asks for the name and the password, in a dialog of its own.

type Needed = 'definition' | 'credentials' | 'requestPermit' | 'confirmPermit' | 'signal'

export interface OpenJob extends Pick<LoginJob, Needed> {
  timeoutMs: number
  trail: Trail
  /** Of the page. */
  devtools: CDPSession
}

interface Opened {
  response: Response | null
  /** Name and password were given on the way. */
  byHttp: boolean
}

/**
 * Opens the login's page. Where its own origin asks for the page itself by HTTP authentication, name and password are given, once.
 * @throws ProblemError `login_bad_credentials` where it asks once more, `login_site_down` where nothing answers.
 */
export async function openLoginPage(page: Page, job: OpenJob): Promise<Opened> {
  const { loginUrl } = job.definition
  const { origin } = new URL(loginUrl)
  const { frameTree } = await job.devtools.send('Page.getFrameTree')
  const answers = answerOnce(job.devtools, job, { origin, frameId: frameTree.frame.id })
  let askedBy: string | undefined
  const note = (response: Response) => {
    if (asksInDialog(page, response)) askedBy = new URL(response.url()).origin
  }
  page.on('response', note)
  try {
    // Documents alone: nothing else that the page takes in is held up.
    const patterns = [{ urlPattern: `${origin}/*`, resourceType: 'Document' }] as const
    await job.devtools.send('Fetch.enable', { handleAuthRequests: true, patterns: [...patterns] })
    const response = await page.goto(loginUrl, { timeout: job.timeoutMs, waitUntil: 'domcontentloaded' })
    const problem = answers.problem()
    if (problem) throw problem
    return { response, byHttp: answers.wereGiven() }
  } catch (error) {
    const problem = answers.problem()
    if (problem) throw problem
    // The browser's own end, or the login's, says nothing of the site.
    if (page.isClosed() || job.signal.aborted) throw error
    if (answers.wereGiven()) throw failureInAnswer('server_error', { url: loginUrl, given: undefined })
    throw askedBy === undefined ? siteDown(loginUrl, 'does not answer', error) : askedElsewhere(askedBy)
  } finally {
    page.off('response', note)
    // What it still holds up is let go with it; nobody has to wait for that.
    void job.devtools.send('Fetch.disable').catch(() => undefined)
  }
}

interface Asker {
  origin: string
  frameId: string
}

function answerOnce(session: CDPSession, job: OpenJob, { origin, frameId: mainFrame }: Asker) {
  let isTaken = false
  let given = false
  let problem: unknown

  /** @returns whether name and password may be given now. */
  async function mayGive(asking: Asker): Promise<boolean> {
    if (asking.origin !== origin || asking.frameId !== mainFrame || job.definition.byHand) return false
    if (isTaken) {
      // Two that ask at once: nothing has been refused yet.
      if (given) problem = refusedAgain(origin)
      return false
    }
    // Before anything is waited for.
    isTaken = true
    try {
      await job.requestPermit()
      job.confirmPermit()
    } catch (error) {
      problem = error
      return false
    }
    given = true
    job.trail.did('gave the username and the password by HTTP authentication')
    return true
  }

  session.on('Fetch.requestPaused', ({ requestId }) => {
    void session.send('Fetch.continueRequest', { requestId }).catch(() => undefined)
  })
  session.on('Fetch.authRequired', async ({ requestId, frameId, authChallenge: { origin } }) => {
    const { username, password } = job.credentials
    const authChallengeResponse = (await mayGive({ origin, frameId }))
      ? ({ response: 'ProvideCredentials', username, password } as const)
      : ({ response: 'CancelAuth' } as const)
    await session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse }).catch(() => undefined)
  })
  return { wereGiven: () => given, problem: () => problem }
}

function asksInDialog(page: Page, response: Response): boolean {
  if (response.status() !== 401 || response.headers()['www-authenticate'] === undefined) return false
  return response.request().isNavigationRequest() && response.frame() === page.mainFrame()
}

function refusedAgain(origin: string): ProblemError {
  return new ProblemError(
    'login_bad_credentials',
    `${origin} asked by HTTP authentication again: the username or the password is not right`,
  )
}

function askedElsewhere(origin: string): ProblemError {
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
