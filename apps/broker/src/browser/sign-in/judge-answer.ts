import type { SignInProgress } from '../reading/page-reading.ts'
import type { PageSight } from '../reading/watch-page.ts'
import type { Given } from './classify-failure.ts'
import { saysLocked, saysNo, saysTrouble } from './failure-words.ts'

/** What came of the last step: the site says no in one way or another, or shows the next thing. */
export interface Answer {
  kind: 'form_again' | 'locked' | 'server_error' | 'next'
  sight: PageSight
}

/** What a look makes of the page; undefined as long as it cannot say. */
export type Judge = (sight: PageSight, stands: boolean) => Answer | undefined

/** Where what was to be done could not be: whatever stands there next. */
export const judgeAfterGone: Judge = (sight, stands) => (stands ? { kind: 'next', sight } : undefined)

/** A page that says no more than this has nothing else to say; more may be what somebody who is signed in reads. */
const shortPage = 1_500

interface LastStep {
  /** What was filled in and sent; undefined where only a button was pressed. */
  given: Given | undefined
  progress: SignInProgress
  status: () => number
  /** Of what a script of the page last sent to its own site. */
  sentStatus: () => number
}

/** Where the step was taken. */
interface Before {
  sight: PageSight
  /** A page without anything known counts as the next one also before the password: the recipe may know it. */
  mayShowNothing: boolean
}

/** Watches for the answer to a step, look by look; undefined as long as there is none. */
export function judgeAnswer({ sight: before, mayShowNothing }: Before, step: LastStep): Judge {
  return function judge(sight, stands) {
    const isOther = sight.document !== before.document
    if (isOther && step.status() >= 500) return { kind: 'server_error', sight }
    const isAgain = asksAgain(sight, step)
    const words = step.given ? judgeWords(before, sight, { isAgain, given: step.given }) : undefined
    // A form that a script sends stays where it is, also when the site has failed.
    const isFailure = words?.kind === 'form_again' && step.sentStatus() >= 500
    const said: Answer | undefined = isFailure ? { kind: 'server_error', sight } : words
    if (said || !stands) return said
    // Before the password a page without a form is one that is still being drawn.
    const isDrawing = sight.reading.kind === 'nothing' && !step.progress.passwordSent
    if (isDrawing && !mayShowNothing) return undefined
    return judgePage(before, sight, isAgain)
  }
}

/** A page that has not moved yet still wants what it has just been given. */
function judgePage(before: PageSight, sight: PageSight, isAgain: boolean): Answer | undefined {
  if (isAgain) return sight.document === before.document ? undefined : { kind: 'form_again', sight }
  return sight.mark === before.mark ? undefined : { kind: 'next', sight }
}

function judgeWords(
  before: PageSight,
  sight: PageSight,
  { isAgain, given }: { isAgain: boolean; given: Given },
): Answer | undefined {
  const said = newLines(before.text, sight.text)
  const isForm = sight.reading.kind === 'form'
  if ((isForm || said.length <= shortPage) && saysLocked(said)) return { kind: 'locked', sight }
  // What the site says comes before what it shows: with a wrong password, a captcha beside the form changes nothing.
  const mayBeAgain = isAgain || sight.reading.kind === 'captcha' || isRefusal(sight, said, given)
  if (!mayBeAgain || !(saysNo(said) || saysTrouble(said))) return undefined
  return { kind: saysTrouble(said) ? 'server_error' : 'form_again', sight }
}

/** Some sites say no on a page of its own, without the form. */
function isRefusal({ reading, showsWayOut }: PageSight, said: string, given: Given): boolean {
  const isSecret = given.password !== undefined || given.code !== undefined
  return isSecret && reading.kind === 'nothing' && !showsWayOut && said.length <= shortPage
}

/** The form wants what it was given, and nothing more. */
function asksAgain({ reading }: PageSight, { given }: LastStep): boolean {
  if (!given || reading.kind !== 'form') return false
  const wantsMore = (reading.code && !given.code) || (reading.password && !given.password)
  if (wantsMore) return false
  // By the most that was given: what else stands in a form that is still being drawn says nothing.
  if (given.code) return reading.code !== undefined
  if (given.password) return reading.password !== undefined
  return reading.identifier !== undefined
}

/** The lines of a page that were not there before. */
export function newLines(before: string, now: string): string {
  const known = new Set(before.split('\n'))
  return now
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}
