import type { Page } from 'playwright'
import type { LoginJob } from '../session/ports/site-login.ts'
import { ElementGone, press, sendForm, tick, typeCode, typeInto } from './acting/fill-form.ts'
import {
  captchaShown,
  drawnAnew,
  failureInAnswer,
  formMissing,
  type Given,
  unanswerable,
} from './classify-failure.ts'
import { judgeAfterGone, judgeAnswer, newLines } from './judge-answer.ts'
import { describeButton, describeField, describeReading } from './reading/describe-reading.ts'
import type { FieldTarget, PageReading, SignInForm, SignInProgress } from './reading/page-reading.ts'
import { type PageSight, type PageWatch, watchPage } from './reading/watch-page.ts'
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
export async function walkIn(page: Page, job: WalkJob, progress: SignInProgress): Promise<void> {
  const { definition, signal, trail } = job
  const stand: Stand = { watch: watchPage(page, definition.recipe), job, progress }
  const { watch } = stand
  let sight = await firstSight(stand)
  for (let step = 0; step < mostSteps; step++) {
    trail.read(describeReading(sight.reading), sight.url)
    const asked = await askRecipe(sight, stand)
    const given = await takeStep(asked, stand)
    if (given === 'inside') return
    const before = { sight: asked.sight, mayShowNothing: job.recipe.hasAnswer }
    const judge =
      given === 'gone' ? judgeAfterGone : judgeAnswer(before, { given, progress, status: watch.status })
    const answer = await watch.until(progress, judge, signal)
    trail.said(newLines(sight.text, answer.sight.text))
    if (answer.kind !== 'next') {
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
  { job, progress }: Stand,
): Promise<Given | 'gone' | 'inside' | undefined> {
  if (taken?.kind === 'done') return taken.given ?? 'gone'
  if (!taken && isInside(sight.reading, job, progress)) return 'inside'
  return actUnlessGone(taken?.reading ?? sight.reading, job, progress)
}

/** What the page shows first that has to do with a sign-in, or that a recipe may know. */
function firstSight({ watch, job, progress }: Stand): Promise<PageSight> {
  const { definition, recipe, signal } = job
  const endsAtMs = performance.now() + beginMs
  return watch.until(
    progress,
    (sight, stands) => {
      if (stands && (sight.reading.kind !== 'nothing' || recipe.hasAnswer)) return sight
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

/** `gone`: what was to be filled in or pressed is there no more, and the page has to be read again. */
async function actUnlessGone(
  reading: PageReading,
  job: WalkJob,
  progress: SignInProgress,
): Promise<SignInForm | 'gone' | undefined> {
  try {
    return await act(reading, job, progress)
  } catch (error) {
    if (error instanceof ElementGone) {
      job.trail.did('found it gone, and reads again')
      return 'gone'
    }
    throw error
  }
}

/** Does the one thing that is wanted. @returns the form, where it was one. */
async function act(
  reading: PageReading,
  job: WalkJob,
  progress: SignInProgress,
): Promise<SignInForm | undefined> {
  const { loginUrl } = job.definition
  switch (reading.kind) {
    case 'form':
      await fillAndSend(reading, job, progress)
      return reading
    case 'captcha':
      throw captchaShown(loginUrl)
    case 'approve_elsewhere':
      throw unanswerable(loginUrl, 'it waits for somebody to approve the sign-in on another device')
    case 'nothing':
      throw formMissing(loginUrl)
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
 * together with a code, and a code never.
 */
async function fillAndSend(form: SignInForm, job: WalkJob, progress: SignInProgress): Promise<void> {
  const { credentials, trail } = job
  refuseUnsendable(form, job, progress)
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
  if (form.code && credentials.code) {
    const code = await credentials.code()
    trail.hide(code)
    progress.codeSent = true
    await typeCode(form.code, code)
    trail.did('typed a one-time code')
  }
  progress.identifierSent = true
  await sendForm(form)
  trail.did(`pressed ${form.submit ? describeButton(form.submit.seen) : 'Enter'}`)
}

function refuseUnsendable(form: SignInForm, { credentials, definition }: WalkJob, progress: SignInProgress) {
  const url = definition.loginUrl
  if (form.code && !credentials.code)
    throw unanswerable(url, 'it asks for a one-time code, and there is no TOTP secret')
  if (form.code && progress.codeSent) throw failureInAnswer('form_again', { url, given: form })
  if (form.password && progress.passwordSent && !form.code) throw drawnAnew(url)
}
