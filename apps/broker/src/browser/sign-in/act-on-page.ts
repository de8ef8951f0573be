import type { LoginJob, PersonsAnswer } from '../../session/ports/site-login.ts'
import { describeButton, describeField } from '../reading/describe-reading.ts'
import type { FieldTarget, PageReading, SignInForm, SignInProgress } from '../reading/page-reading.ts'
import type { PageSight, PageWatch } from '../reading/watch-page.ts'
import type { Trail } from '../traces/trail.ts'
import { askOnPage } from './ask-on-page.ts'
import { drawnAnew, failureInAnswer, formMissing, passwordOver } from './classify-failure.ts'
import { ElementGone, press, sendForm, tick, typeCode, typeInto } from './fill-form.ts'

export interface ActingJob extends Omit<LoginJob, 'prove'> {
  /** What is read and done is noted there. */
  trail: Trail
}

/** Where a login stands. */
export interface Stand<Job extends ActingJob = ActingJob> {
  watch: PageWatch
  job: Job
  progress: SignInProgress
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

/** Does the one thing that a page wants. @throws ProblemError `login_…` where it wants what cannot be given. */
export async function actOnPage(step: Step): Promise<Done> {
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

async function act(step: Step): Promise<Done> {
  const { job, sight, reading, progress } = step
  // It was for the form that stood there.
  if (reading.kind !== 'form' || !reading.code) delete progress.codeInHand
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
      await askOnPage('choice', step)
      return 'gone'
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
  const wantsCode = form.code !== undefined && !isFilledByPerson(form.code, step)
  if (wantsCode && !(await hasCode(step))) return 'gone'
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
  if (form.code && wantsCode && progress.codeInHand !== undefined) {
    progress.codeSent = true
    await typeCode(form.code, progress.codeInHand)
    delete progress.codeInHand
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

/**
 * Takes a code in hand, from the app's secret where there is one, otherwise from a person. False after a person: the page may have been
 * drawn anew meanwhile, and has to be read again.
 */
async function hasCode(step: Step): Promise<boolean> {
  const { job, progress } = step
  if (progress.codeInHand !== undefined) return true
  const { code } = job.credentials
  const answer: PersonsAnswer = code ? { kind: 'code', code: await code() } : await askOnPage('code', step)
  if (answer.kind !== 'code') return false
  job.trail.hide(answer.code)
  progress.codeInHand = answer.code
  return code !== undefined
}
