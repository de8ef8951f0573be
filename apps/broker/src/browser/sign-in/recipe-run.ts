import type { Answer, LoginContext, RecipeHooks } from '@session-broker/recipe'
import { ProblemError, type Recipe } from '@session-broker/shared'
import type { Locator, Page } from 'playwright'
import type { PageReading, SignInProgress } from '../reading/page-reading.ts'
import type { PageSight } from '../reading/watch-page.ts'
import type { ActingJob } from './act-on-page.ts'
import { askForCode } from './ask-on-page.ts'
import { drawnAnew, failureInAnswer, type Given } from './classify-failure.ts'
import { runSteps } from './run-steps.ts'

const actMs = 10_000

/** What the recipe makes of a reading: it has acted itself, or says what the page wants. */
export type Taken = { kind: 'done'; given: Given | undefined } | { kind: 'wants'; reading: PageReading }

/** The recipe's part in one login. */
export interface RecipeRun {
  /** It says what is to be done once nothing is asked any more. */
  readonly hasAfter: boolean
  /** It wants to be asked at each reading. */
  readonly hasAnswer: boolean
  before(page: Page): Promise<void>
  after(page: Page): Promise<void>
  /** @returns undefined where the broker is to do what it has read. */
  answer(page: Page, sight: PageSight): Promise<Taken | undefined>
}

export interface RecipeRunOptions {
  hooks: RecipeHooks
  job: ActingJob
  progress: SignInProgress
  /** Whether anything secret may have been sent by now. */
  isSubmitted: () => boolean
}

export function startRecipe({ hooks, job, progress, isSubmitted }: RecipeRunOptions): RecipeRun {
  const recipe: Recipe = job.definition.recipe
  const { trail } = job
  const { before, after, answer } = hooks
  let given: Given = {}
  const noteGiven = (part: Given) => {
    given = { ...given, ...part }
  }
  const context = createLoginContext({ job, progress, isSubmitted, noteGiven })
  const run = <T>(name: string, hook: () => T | Promise<T>) => runHook(name, { hook, job, isSubmitted })
  return {
    hasAfter: after !== undefined || recipe.after.length > 0,
    hasAnswer: answer !== undefined,
    before: (page) =>
      before
        ? run('before', () => before(page, context))
        : runSteps(page, recipe.before, { where: 'before', trail }),
    after: (page) =>
      after
        ? run('after', () => after(page, context))
        : runSteps(page, recipe.after, { where: 'after', trail }),
    async answer(page, { reading, text }) {
      if (!answer) return undefined
      given = {}
      const said = await run('answer', () => answer(page, describe(reading, text), context))
      if (said) trail.did(`left it to the recipe's "answer": ${said.replaceAll('_', ' ')}`)
      return readAnswer(said, given)
    },
  }
}

function describe(reading: PageReading, text: string) {
  const form = reading.kind === 'form' ? reading : {}
  const wants = { identifier: 'identifier' in form, password: 'password' in form, code: 'code' in form }
  return { kind: reading.kind, wants, text }
}

function readAnswer(said: Answer, given: Given): Taken | undefined {
  if (said === 'captcha' || said === 'approve_elsewhere') return { kind: 'wants', reading: { kind: said } }
  // What was typed is never typed once more, whatever the hook says.
  const hasGiven = Object.keys(given).length > 0
  return said === 'done' || hasGiven ? { kind: 'done', given: hasGiven ? given : undefined } : undefined
}

/** Problems and the end of the login's time go on as they are; anything else is the recipe's mistake. */
async function runHook<T>(
  name: string,
  { hook, job, isSubmitted }: { hook: () => T | Promise<T>; job: ActingJob; isSubmitted: () => boolean },
): Promise<T> {
  try {
    return await hook()
  } catch (cause) {
    if (cause instanceof ProblemError || job.signal.aborted) throw cause
    throw new ProblemError(
      isSubmitted() ? 'login_not_authenticated' : 'login_misconfigured',
      `the recipe's function "${name}" failed: the broker's log has its error`,
      { cause },
    )
  }
}

interface ContextOptions extends Omit<RecipeRunOptions, 'hooks'> {
  noteGiven: (part: Given) => void
}

function createLoginContext({ job, progress, isSubmitted, noteGiven }: ContextOptions): LoginContext {
  const { definition, credentials, signal, trail } = job
  const { session, loginUrl } = definition
  return {
    ...{ session, loginUrl, signal, username: credentials.username },
    async typePassword(field) {
      if (progress.passwordSent) throw drawnAnew(loginUrl)
      await field.waitFor({ timeout: actMs })
      await job.requestPermit()
      progress.identifierSent = true
      progress.passwordSent = true
      noteGiven({ password: true })
      await typeSecret(field, credentials.password)
      trail.did('typed the password')
      job.confirmPermit()
    },
    async typeCode(field, options) {
      const from = options?.from ?? (credentials.code ? 'app' : 'person')
      await field.waitFor({ timeout: actMs })
      const code = from === 'person' ? await askForCode(job, field.page()) : await ownCode(job, progress)
      trail.hide(code)
      await job.requestPermit()
      job.confirmPermit()
      noteGiven({ code: from })
      await typeSecret(field, code)
      trail.did('typed a one-time code')
    },
    async press(button) {
      if (isSubmitted()) job.confirmPermit()
      await button.click({ timeout: actMs, noWaitAfter: true })
    },
    note: (text) => trail.did(text),
    fail(reason, detail) {
      // The next login would be made soon after, though this one has sent something.
      const isSent = reason === 'site_down' && isSubmitted()
      throw new ProblemError(isSent ? 'login_unknown' : `login_${reason}`, detail)
    },
  }
}

/** Of the app: right, or its secret is wrong. */
async function ownCode({ definition, credentials }: ActingJob, progress: SignInProgress): Promise<string> {
  const { code } = credentials
  if (!code || progress.codeSent)
    throw failureInAnswer('form_again', { url: definition.loginUrl, given: { code: 'app' } })
  progress.codeSent = true
  return code()
}

/** Playwright's own error would tell what was typed. */
async function typeSecret(field: Locator, secret: string): Promise<void> {
  try {
    await field.fill(secret, { timeout: actMs })
  } catch {
    throw new Error('the field for the secret could not be filled in')
  }
}
