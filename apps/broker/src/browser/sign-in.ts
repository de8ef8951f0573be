import type { Browser, BrowserContext, Page, Response } from 'playwright'
import type { LoginJob, LoginResult, SiteLogin } from '../session/ports/site-login.ts'
import type { BrowserHouse } from './browser-house.ts'
import { captureState } from './capture-state.ts'
import { captchaShown, classifyError, failureInAnswer, formMissing, siteDown } from './classify-failure.ts'
import { showsCaptcha } from './find-captcha.ts'
import { findSignInForm, type SignInForm } from './find-sign-in-form.ts'
import { lasting } from './lasting.ts'
import { captchaMs, glance, readAnswer } from './read-answer.ts'
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
    await open(page, job.definition.loginUrl, job.signal)
    await runSteps(page, job.definition.recipe.before, 'before')
    const form = await waitForForm(page, job)
    await submit(page, form, job, progress)
    await runSteps(page, job.definition.recipe.after, 'after')
    await waitUntilSettled(page, job.signal)
    return { state: await captureState(browser, context, page), landedUrl: page.url() }
  } catch (error) {
    throw classifyError(error, { ...progress, signal: job.signal })
  }
}

async function open(page: Page, url: string, signal: AbortSignal): Promise<void> {
  let response: Response | null
  try {
    response = await page.goto(url, { timeout: formMs, waitUntil: 'domcontentloaded' })
  } catch (cause) {
    // The browser's own end, or the login's, says nothing of the site.
    if (page.isClosed() || signal.aborted) throw cause
    throw siteDown(url, 'does not answer', cause)
  }
  if (response && response.status() >= 500) throw siteDown(url, `answers ${response.status()}`)
}

/** Behind a captcha nothing is sent: the site would say no to the right password, too. */
async function waitForForm(page: Page, { definition, signal }: LoginJob): Promise<SignInForm> {
  const { loginUrl, recipe } = definition
  const hasCaptcha = lasting(captchaMs)
  const end = performance.now() + formMs
  while (performance.now() < end) {
    signal.throwIfAborted()
    const isAsked = await showsCaptcha(page)
    if (hasCaptcha(isAsked)) throw captchaShown(loginUrl)
    const form = isAsked ? undefined : await findSignInForm(page, recipe)
    if (form) return form
    await page.waitForTimeout(100)
  }
  throw formMissing(loginUrl)
}

/** From the permit on, everything counts as a submission: some forms send themselves. */
async function submit(
  page: Page,
  form: SignInForm,
  job: LoginJob,
  progress: { submitted: boolean },
): Promise<void> {
  const { definition, credentials, signal } = job
  await form.username.fill(credentials.username)
  const before = await glance(page)
  await job.requestPermit()
  progress.submitted = true
  await form.password.fill(credentials.password)
  const nothing = { document: 0, hasPasswordField: true, showsCaptcha: false, text: '' }
  const answer = readAnswer(page, before ?? nothing, signal)
  answer.catch(() => undefined)
  job.confirmPermit()
  if (form.submit) await form.submit.click({ noWaitAfter: true })
  else await form.password.press('Enter', { noWaitAfter: true })
  const failure = failureInAnswer(await answer, definition.loginUrl)
  if (failure) throw failure
}
