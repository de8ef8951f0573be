import type { LoginJob, PersonsAnswer } from '../session/ports/site-login.ts'
import { ElementGone, press, sendForm, tick, typeCode, typeInto } from './acting/fill-form.ts'
import { askOnPage } from './ask-on-page.ts'
import {
  drawnAnew,
  failureInAnswer,
  formMissing,
  type Given,
  passwordOver,
  unanswerable,
} from './classify-failure.ts'
import { judgeAfterGone, judgeAnswer, newLines } from './judge-answer.ts'
import { describeButton, describeField, describeReading } from './reading/describe-reading.ts'
import type { FieldTarget, PageReading, SignInForm, SignInProgress } from './reading/page-reading.ts'
import type { PageSight, PageWatch } from './reading/watch-page.ts'
import type { RecipeRun, Taken } from './recipe-run.ts'
import type { Trail } from './trail.ts'

/** More things than any way in asks for. */
const mostSteps = 20
/** How long a page may take to show something that a sign-in begins with. */
const beginMs = 15_000

export interface WalkJob extends Omit<LoginJob, 'prove'> {
  /** What is read and done is noted there. */
  trail: Trail
  /** What the recipe says to each reading. */
  recipe: RecipeRun
}

/**
 * Goes in as a person does: looks at the page, does the one next thing that it wants, and looks again, until it wants nothing
 * any more.
 * @throws ProblemError `login_…` where the site says no, or wants what cannot be given.
 */
export async function walkIn(watch: PageWatch, job: WalkJob, progress: SignInProgress): Promise<void> {
  const { definition, signal, trail } = job
  const stand: Stand = { watch, job, progress }
  let sight = await firstSight(stand)
  for (let step = 0; step < mostSteps; step++) {
    trail.read(describeReading(sight.reading), sight.url)
    const asked = await askRecipe(sight, stand)
    const given = await takeStep(asked, stand)
    if (given === 'inside') return
    const before = { sight: asked.sight, mayShowNothing: job.recipe.hasAnswer }
    const judge = given === 'gone' ? judgeAfterGone : judgeAnswer(before, { given, progress, ...watch })
    const answer = await watch.until(progress, judge, signal)
    trail.said(newLines(sight.text, answer.sight.text))
    // Somebody who mistyped a code may try again: the site asks, and so do we.
    const mayTryAgain = answer.kind === 'form_again' && isCodeOfPerson(given, job)
    if (answer.kind !== 'next' && !mayTryAgain) {
      throw failureInAnswer(answer.kind, {
        url: definition.loginUrl,
        given: given === 'gone' ? undefined : given,
      })
    }
    sight = answer.sight
  }
  throw unanswerable(definition.loginUrl, `it still asked for something after ${mostSteps} steps`)
}

interface Stand {
  watch: PageWatch
  job: WalkJob
  progress: SignInProgress
}

interface Asked {
  sight: PageSight
  taken: Taken | undefined
}

/** What the recipe makes of the page. Where neither it nor the broker can do anything yet, the page is given time. */
async function askRecipe(sight: PageSight, { watch, job, progress }: Stand): Promise<Asked> {
  const endsAtMs = performance.now() + beginMs
  for (let seen = sight; ; ) {
    const taken = await job.recipe.answer(watch.front(), seen)
    const isEmpty = seen.reading.kind === 'nothing' && !progress.passwordSent
    if (taken || !isEmpty || performance.now() > endsAtMs) return { sight: seen, taken }
    seen = await watch.until(progress, (next, stands) => (stands ? next : undefined), job.signal)
  }
}

/** Does what the page wants, unless the recipe has. @returns what was given to the site; `inside`: it wants nothing more. */
async function takeStep(
  { sight, taken }: Asked,
  stand: Stand,
): Promise<Given | 'gone' | 'inside' | undefined> {
  if (taken?.kind === 'done') return taken.given ?? 'gone'
  if (!taken && isInside(sight.reading, stand.job, stand.progress)) return 'inside'
  return actUnlessGone({ ...stand, sight, reading: taken?.reading ?? sight.reading })
}

/** What the page shows first that has to do with a sign-in, or that a recipe may know. */
function firstSight({ watch, job, progress }: Stand): Promise<PageSight> {
  const { definition, recipe, signal } = job
  const endsAtMs = performance.now() + beginMs
  return watch.until(
    progress,
    (sight, stands) => {
      // HTTP authentication has come before it.
      const mayBeInside = recipe.hasAnswer || progress.passwordSent
      if (stands && (sight.reading.kind !== 'nothing' || mayBeInside)) return sight
      if (performance.now() > endsAtMs) throw formMissing(definition.loginUrl)
      return undefined
    },
    signal,
  )
}

/** A recipe that says what is to be done afterwards takes over as soon as the form is gone. */
function isInside({ kind }: PageReading, { recipe }: WalkJob, { passwordSent }: SignInProgress): boolean {
  if (!passwordSent) return false
  return kind === 'nothing' || (kind !== 'form' && recipe.hasAfter)
}

/** The broker's own code is right, or its secret is wrong; a person's may have a slip in it. */
function isCodeOfPerson(given: Given | 'gone' | undefined, { credentials }: WalkJob): boolean {
  if (typeof given !== 'object' || given.code === undefined) return false
  return given.code === 'person' || !credentials.code
}

/** One thing to do, as it was read. */
interface Step extends Stand {
  sight: PageSight
  reading: PageReading
}

/**
 * The form that was sent; undefined where only a button was pressed. `gone`: what was to be filled in or pressed is there no more,
 * or a person has worked on the page, and it has to be read again.
 */
type Done = SignInForm | 'gone' | undefined

async function actUnlessGone(step: Step): Promise<Done> {
  try {
    return await act(step)
  } catch (error) {
    if (error instanceof ElementGone) {
      step.job.trail.did('found it gone, and reads again')
      return 'gone'
    }
    throw error
  }
}

/** Does the one thing that is wanted. */
async function act(step: Step): Promise<Done> {
  const { job, sight, reading, progress } = step
  switch (reading.kind) {
    case 'form':
      return fillAndSend(reading, step)
    case 'captcha':
      if ((await askOnPage('captcha', step)).kind === 'done') progress.captchaPassedIn = sight.document
      return 'gone'
    case 'approve_elsewhere':
      await askOnPage('approval', step)
      return 'gone'
    case 'several_workspaces':
      throw unanswerable(job.definition.loginUrl, 'it asks which workspace to open: a recipe can press it')
    case 'password_change':
      throw passwordOver(job.definition.loginUrl)
    case 'nothing':
      throw formMissing(job.definition.loginUrl)
    default:
      if ('tick' in reading) await tickAll(job.trail, reading.tick)
      await press(reading.press)
      job.trail.did(`pressed ${describeButton(reading.press.seen)}`)
      return undefined
  }
}

/** A box that cannot be ticked may not matter: the site will say so. */
async function tickAll(trail: Trail, boxes: readonly FieldTarget[] = []): Promise<void> {
  for (const box of boxes) {
    await tick(box).then(
      () => trail.did(`ticked ${describeField(box.seen)}`),
      () => undefined,
    )
  }
}

/**
 * From the permit on, everything counts as a submission: some forms send themselves. A password is sent a second time only
 * together with a code, or after a person has passed a captcha; a code never.
 */
async function fillAndSend(form: SignInForm, step: Step): Promise<Done> {
  const { job, progress } = step
  const { credentials, trail } = job
  refuseRepetition(form, step)
  const code = form.code && !isFilledByPerson(form.code, step) && (await codeFor(step))
  if (code && code.kind !== 'code') return 'gone'
  if (form.identifier && !form.identifier.seen.readOnly) {
    await typeInto(form.identifier, credentials.username)
    trail.did('typed the username')
  }
  await tickAll(trail, form.tick)
  if (form.password || form.code) await job.requestPermit()
  if (form.password) {
    await typeInto(form.password, credentials.password)
    progress.passwordSent = true
    trail.did('typed the password')
  }
  if (form.password || form.code) job.confirmPermit()
  if (form.code && code) {
    trail.hide(code.code)
    progress.codeSent = true
    await typeCode(form.code, code.code)
    trail.did('typed a one-time code')
  }
  progress.identifierSent = true
  await sendForm(form)
  trail.did(`pressed ${form.submit ? describeButton(form.submit.seen) : 'Enter'}`)
  return form
}

function refuseRepetition(form: SignInForm, { job, sight, progress }: Step): void {
  const { loginUrl: url } = job.definition
  if (form.code && progress.codeSent && job.credentials.code)
    throw failureInAnswer('form_again', { url, given: form })
  const isAllowed = form.code || progress.captchaPassedIn === sight.document
  if (form.password && progress.passwordSent && !isAllowed) throw drawnAnew(url)
}

/** Beside a captcha: what was typed there is the captcha's own. */
function isFilledByPerson(fields: readonly FieldTarget[], { sight, progress }: Step): boolean {
  return progress.captchaPassedIn === sight.document && fields.every(({ seen }) => seen.filled)
}

/** From the app's secret where there is one, otherwise from a person. */
async function codeFor(step: Step): Promise<PersonsAnswer> {
  const { code } = step.job.credentials
  return code ? { kind: 'code', code: await code() } : askOnPage('code', step)
}
