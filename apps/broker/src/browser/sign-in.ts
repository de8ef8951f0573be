import { ProblemError } from '@session-broker/shared'
import type { Browser, BrowserContext, Page, Response } from 'playwright'
import type { LoginJob, LoginResult, SiteLogin } from '../session/ports/site-login.ts'
import type { BrowserHouse } from './browser-house.ts'
import { captureState } from './capture-state.ts'
import { findSignInForm, type SignInForm } from './find-sign-in-form.ts'
import { glance, readAnswer } from './read-answer.ts'
import { runSteps } from './run-steps.ts'
import { waitUntilSettled } from './wait-until-settled.ts'

const formMs = 15_000

/** Signs in with a real browser: open, find the form, fill, send, read the answer, take the state. */
export function createSiteLogin(house: BrowserHouse): SiteLogin {
  return (job) =>
    house.withContext({ signal: job.signal }, (context, browser) => signIn(browser, context, job))
}

async function signIn(browser: Browser, context: BrowserContext, job: LoginJob): Promise<LoginResult> {
  const progress = { submitted: false }
  try {
    const page = await context.newPage()
    await open(page, job)
    await runSteps(page, job.definition.recipe.before, 'before')
    const form = await waitForForm(page, job)
    await submit(page, form, job, progress)
    await runSteps(page, job.definition.recipe.after, 'after')
    await waitUntilSettled(page, job.signal)
    return { state: await captureState(browser, context, page), landedUrl: page.url() }
  } catch (error) {
    throw asLoginProblem(error, job.signal, progress.submitted)
  }
}

async function open(page: Page, { definition, signal }: LoginJob): Promise<void> {
  const url = definition.loginUrl
  const { origin } = new URL(url)
  let response: Response | null
  try {
    response = await page.goto(url, { timeout: formMs, waitUntil: 'domcontentloaded' })
  } catch (cause) {
    // The browser's own end, or the login's, says nothing of the site.
    if (page.isClosed() || signal.aborted) throw cause
    throw new ProblemError('login_site_down', `${origin} does not answer`, { cause })
  }
  if (response && response.status() >= 500) {
    throw new ProblemError('login_site_down', `${origin} answers ${response.status()}`)
  }
}

async function waitForForm(page: Page, { definition, signal }: LoginJob): Promise<SignInForm> {
  const end = performance.now() + formMs
  while (performance.now() < end) {
    signal.throwIfAborted()
    const form = await findSignInForm(page, definition.recipe)
    if (form) return form
    await page.waitForTimeout(100)
  }
  throw new ProblemError(
    'login_misconfigured',
    `no sign-in form was found at ${definition.loginUrl}: is it the right page? A recipe can name the fields`,
  )
}

/** From the permit on, everything counts as a submission: some forms send themselves. */
async function submit(
  page: Page,
  form: SignInForm,
  job: LoginJob,
  progress: { submitted: boolean },
): Promise<void> {
  const { credentials, signal } = job
  await form.username.fill(credentials.username)
  const before = await glance(page)
  await job.requestPermit()
  progress.submitted = true
  await form.password.fill(credentials.password)
  const answer = readAnswer(page, before ?? { document: 0, hasPasswordField: true, text: '' }, signal)
  answer.catch(() => undefined)
  job.confirmPermit()
  if (form.submit) await form.submit.click({ noWaitAfter: true })
  else await form.password.press('Enter', { noWaitAfter: true })
  judgeAnswer(await answer, job)
}

function judgeAnswer(answer: Awaited<ReturnType<typeof readAnswer>>, { definition }: LoginJob): void {
  const { origin } = new URL(definition.loginUrl)
  if (answer === 'server_error') {
    throw new ProblemError('login_unknown', `${origin} answered the sign-in with an error of its own`)
  }
  if (answer === 'form_again') {
    throw new ProblemError(
      'login_bad_credentials',
      `${origin} showed its sign-in form again: the username or the password is not right`,
    )
  }
}

function asLoginProblem(cause: unknown, signal: AbortSignal, submitted: boolean): unknown {
  if (cause instanceof ProblemError || !signal.aborted) return cause
  return submitted
    ? new ProblemError('login_timeout_after_submit', 'the site did not answer the sign-in in time', { cause })
    : new ProblemError('login_site_down', 'the sign-in page did not become usable in time', { cause })
}
