import { describeReading } from '../reading/describe-reading.ts'
import type { PageReading, SignInProgress } from '../reading/page-reading.ts'
import type { PageSight, PageWatch } from '../reading/watch-page.ts'
import { type ActingJob, actOnPage, type Stand } from './act-on-page.ts'
import { failureInAnswer, formMissing, type Given, unanswerable } from './classify-failure.ts'
import { judgeAfterGone, judgeAnswer, newLines } from './judge-answer.ts'
import type { RecipeRun, Taken } from './recipe-run.ts'

/** More things than any way in asks for. */
const mostSteps = 20
/** How long a page may take to show something that a sign-in begins with. */
const beginMs = 15_000

export interface WalkJob extends ActingJob {
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
  const stand: Walk = { watch, job, progress }
  let sight = await firstSight(stand)
  for (let step = 0; step < mostSteps; step++) {
    trail.read(describeReading(sight.reading), sight.url)
    const asked = await askRecipe(sight, stand)
    const given = await takeStep(asked, stand)
    if (given === 'inside') return
    const before = { sight: asked.sight, mayShowNothing: job.recipe.hasAnswer }
    const judge = given === 'gone' ? judgeAfterGone : judgeAnswer(before, { given, progress, ...watch })
    const answer = await watch.until(progress, judge, signal)
    trail.said(newLines(asked.sight.text, answer.sight.text))
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

type Walk = Stand<WalkJob>

interface Asked {
  sight: PageSight
  taken: Taken | undefined
}

/** What the recipe makes of the page. Where neither it nor the broker can do anything yet, the page is given time. */
async function askRecipe(sight: PageSight, { watch, job, progress }: Walk): Promise<Asked> {
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
  stand: Walk,
): Promise<Given | 'gone' | 'inside' | undefined> {
  if (taken?.kind === 'done') return taken.given ?? 'gone'
  if (!taken && isInside(sight.reading, stand.job, stand.progress)) return 'inside'
  return actOnPage({ ...stand, sight, reading: taken?.reading ?? sight.reading })
}

/** What the page shows first that has to do with a sign-in, or that a recipe may know. */
function firstSight({ watch, job, progress }: Walk): Promise<PageSight> {
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
  // With the password beside it, nobody can tell which of the two was not right.
  if (typeof given !== 'object' || given.code === undefined || given.password !== undefined) return false
  return given.code === 'person' || !credentials.code
}
