import type { RecipeHooks } from '@session-broker/recipe'
import { ProblemError } from '@session-broker/shared'
import { keepOwnSites } from '@session-broker/shared/site'
import type { Browser, BrowserContext, Page } from 'playwright'
import { exitRequestOf } from '../../session/exit-request.ts'
import type { LoginTraces, TrailStep } from '../../session/ports/login-traces.ts'
import type { AskPerson, LoginJob, LoginResult, SiteLogin } from '../../session/ports/site-login.ts'
import type { BrowserHouse } from '../house/browser-house.ts'
import { unlessAborted } from '../house/unless-aborted.ts'
import type { SignInProgress } from '../reading/page-reading.ts'
import { watchPage } from '../reading/watch-page.ts'
import { captureState } from '../state/capture-state.ts'
import { addSessionStorage } from '../state/session-storage.ts'
import { waitUntilSettled } from '../state/wait-until-settled.ts'
import { leaveTraces, leaveTrail, lookBackMs } from '../traces/leave-traces.ts'
import { createTrail, type Trail } from '../traces/trail.ts'
import { askToSignIn } from './ask-on-page.ts'
import { classifyError, failureInAnswer, siteDown } from './classify-failure.ts'
import { boundToDevice, watchDeviceBinding } from './device-binding.ts'
import { findSigns } from './find-signs.ts'
import { nothingToHandOver, type OpenJob, openLoginPage } from './http-auth.ts'
import { noteRequests } from './note-requests.ts'
import { startRecipe } from './recipe-run.ts'
import { type WalkJob, walkIn } from './walk-in.ts'

const openMs = 15_000

/** Of the session of this name; nothing where its recipe has no functions. */
export type HooksOf = (session: string) => RecipeHooks | undefined

export interface SignInOptions {
  /** Is told of what is read and done, line by line. */
  onStep?: (session: string, step: TrailStep) => void
  hooksOf?: HooksOf
}

/** Signs in with a real browser: open, read and act until nothing is asked any more, take the state. */
export function createSiteLogin(house: BrowserHouse, { onStep, hooksOf }: SignInOptions = {}): SiteLogin {
  return async (job) => {
    const { session } = job.definition
    const trail = createTrail((step) => onStep?.(session, step))
    trail.hide(job.credentials.username)
    trail.hide(job.credentials.password)
    const hooks = hooksOf?.(session) ?? {}
    const exit = exitRequestOf(job.definition, job.isOver)
    const options = { signal: job.signal, exit, lingerMs: job.leaveTraces ? lookBackMs : 0 }
    let isLeft = false
    const leave = (traces: LoginTraces) => {
      isLeft = true
      job.leaveTraces?.(traces)
    }
    const noted = { ...job, ...(job.leaveTraces && { leaveTraces: leave }) }
    try {
      return await house.withContext(options, (context, browser, page) =>
        signIn({ browser, context, page, hooks, trail }, noted),
      )
    } catch (error) {
      // The browser has crashed, or there is none: nothing but the trail is left.
      if (!isLeft) leaveTrail(trail, leave)
      throw error
    }
  }
}

interface Stage {
  browser: Browser
  context: BrowserContext
  page: Page
  hooks: RecipeHooks
  trail: Trail
}

/** Fails as soon as the signal is aborted, whatever the page does, and leaves its traces while it still stands there. */
async function signIn<Proved>(stage: Stage, job: LoginJob<Proved>): Promise<Proved> {
  const { signal } = job
  let submitted = false
  /** From here on everything counts as a submission: some forms send themselves while they are filled in. */
  const requestPermit = async () => {
    // Where it is over already, the page may still go on for a moment.
    signal.throwIfAborted()
    await job.requestPermit()
    submitted = true
  }
  const askPerson: AskPerson = (question, view) => {
    submitted = true
    return job.askPerson(question, view)
  }
  try {
    const walk = goIn(stage, { ...job, requestPermit, askPerson }, () => submitted)
    return await unlessAborted(walk, signal)
  } catch (error) {
    const failure = cleanProblem(classifyError(error, { submitted, signal }), stage.trail)
    if (job.leaveTraces) await leaveTraces(stage, stage.trail, { leave: job.leaveTraces, signal })
    throw failure
  }
}

/** A page's address may name the account. */
function cleanProblem(failure: unknown, trail: Trail): unknown {
  if (!(failure instanceof ProblemError)) return failure
  const { code, message, cause, retryAfterSeconds } = failure
  const clean = trail.clean(message)
  return clean === message
    ? failure
    : new ProblemError(code, clean, { cause, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) })
}

async function goIn<Proved>(
  { browser, context, page, hooks, trail }: Stage,
  job: LoginJob<Proved>,
  isSubmitted: () => boolean,
): Promise<Proved> {
  const { definition, credentials } = job
  const progress: SignInProgress = {
    ...{ identifierSent: false, passwordSent: false, codeSent: false },
    username: credentials.username,
  }
  const walk = { ...job, trail }
  const recipe = startRecipe({ hooks, job: walk, progress, isSubmitted })
  const requests = noteRequests(context)
  const session = await context.newCDPSession(page)
  const binding = await watchDeviceBinding({ context, session, loginUrl: definition.loginUrl })
  const byHttp = await open(page, { ...walk, devtools: session })
  if (byHttp) Object.assign(progress, { identifierSent: true, passwordSent: true })
  await recipe.before(page)
  const watch = watchPage(page, definition.recipe)
  if (definition.byHand) await askToSignIn(walk, watch)
  else await walkIn(watch, { ...walk, recipe }, progress)
  await recipe.after(page)
  const last = page.isClosed() ? watch.front() : page
  const result = await takeState({ browser, context, page: last }, job)
  trail.read('landed', result.landedUrl)
  const bound = binding()
  if (bound && !definition.acceptsDeviceBound) throw boundToDevice(bound)
  const [signs] = await Promise.all([
    findSigns(last, credentials).catch(() => undefined),
    // A page that goes on could make the site give the session other cookies than those that are proved.
    context.setOffline(true),
  ])
  return await job.prove({ ...result, requests: requests(), ...signs }).catch((error) => {
    throw byHttp ? nothingToHandOver(error, definition.loginUrl) : error
  })
}

const mostTakes = 4

/** A page that goes on by itself while its state is taken has not settled yet: then it is taken once more. */
async function takeState(
  { browser, context, page }: Pick<Stage, 'browser' | 'context' | 'page'>,
  { definition: { loginUrl, check, recipe }, signal }: Pick<LoginJob, 'definition' | 'signal'>,
): Promise<LoginResult> {
  for (let takes = 1; ; takes++) {
    await waitUntilSettled(page, signal)
    try {
      const state = await captureState(browser, context, page)
      const landedUrl = page.url()
      const whole = recipe.sessionStorage ? await addSessionStorage(state, page) : state
      const urls = [loginUrl, landedUrl, ...(check ? [check.url] : [])]
      return { state: keepOwnSites(whole, { urls, hosts: recipe.keepSites }), landedUrl }
    } catch (error) {
      if (takes >= mostTakes || page.isClosed() || signal.aborted) throw error
    }
  }
}

/** @returns whether name and password were given on the way, by HTTP authentication. */
async function open(page: Page, job: Omit<WalkJob, 'recipe'> & Pick<OpenJob, 'devtools'>): Promise<boolean> {
  const { response, byHttp } = await openLoginPage(page, { ...job, timeoutMs: openMs })
  const { loginUrl: url } = job.definition
  job.trail.read(`opened, status ${response?.status() ?? 'unknown'}`, page.url())
  if (response && response.status() >= 500) {
    if (byHttp) throw failureInAnswer('server_error', { url, given: undefined })
    throw siteDown(url, `answers ${response.status()}`)
  }
  return byHttp
}
