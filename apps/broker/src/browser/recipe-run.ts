import type { Answer, LoginContext, RecipeHooks } from '@session-broker/recipe'
import { ProblemError, type Recipe } from '@session-broker/shared'
import type { Locator, Page } from 'playwright'
import type { LoginJob } from '../session/ports/site-login.ts'
import { askForCode } from './ask-on-page.ts'
import { drawnAnew, failureInAnswer, type Given } from './classify-failure.ts'
import type { PageReading, SignInProgress } from './reading/page-reading.ts'
import type { PageSight } from './reading/watch-page.ts'
import { runSteps } from './run-steps.ts'
import type { Trail } from './trail.ts'

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

interface RecipeJob extends Omit<LoginJob, 'prove'> {
  trail: Trail
}

export interface RecipeRunOptions {
  hooks: RecipeHooks
  job: RecipeJob
  progress: SignInProgress
  /** Whether anything secret may have been sent by now. */
  isSubmitted: () => boolean
}

export function startRecipe({ hooks, job, progress, isSubmitted }: RecipeRunOptions): RecipeRun {
  const recipe: Recipe = job.definition.recipe
  const { trail } = job
  const { before, after, answer } = hooks
  const context = createLoginContext(job, progress, isSubmitted)
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
      const earlier = { ...progress }
      const said = await run('answer', () => answer(page, describe(reading, text), context))
      if (said) trail.did(`left it to the recipe's "answer": ${said.replaceAll('_', ' ')}`)
      return readAnswer(said, givenSince(earlier, progress))
    },
  }
}

function describe(reading: PageReading, text: string) {
  const form = reading.kind === 'form' ? reading : {}
  const wants = { identifier: 'identifier' in form, password: 'password' in form, code: 'code' in form }
  return { kind: reading.kind, wants, text }
}

function readAnswer(said: Answer, given: Given | undefined): Taken | undefined {
  if (said === 'captcha' || said === 'approve_elsewhere') return { kind: 'wants', reading: { kind: said } }
  // What was typed is never typed once more, whatever the hook says.
  return said === 'done' || given ? { kind: 'done', given } : undefined
}

function givenSince(earlier: SignInProgress, now: SignInProgress): Given | undefined {
  const password = now.passwordSent && !earlier.passwordSent
  const code = now.codeSent && !earlier.codeSent
  return password || code ? { ...(password && { password }), ...(code && { code }) } : undefined
}

/** Problems and the end of the login's time go on as they are; anything else is the recipe's mistake. */
async function runHook<T>(
  name: string,
  { hook, job, isSubmitted }: { hook: () => T | Promise<T>; job: RecipeJob; isSubmitted: () => boolean },
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

function createLoginContext(
  job: RecipeJob,
  progress: SignInProgress,
  isSubmitted: () => boolean,
): LoginContext {
  const { definition, credentials, signal, trail } = job
  const { session, loginUrl } = definition
  return {
    ...{ session, loginUrl, signal, username: credentials.username },
    async typePassword(field) {
      if (progress.passwordSent) throw drawnAnew(loginUrl)
      await typeSecret(field, async () => {
        await job.requestPermit()
        progress.identifierSent = true
        progress.passwordSent = true
        return credentials.password
      })
      trail.did('typed the password')
      job.confirmPermit()
    },
    async typeCode(field) {
      const { code } = credentials
      if (code && progress.codeSent) throw failureInAnswer('form_again', { url: loginUrl, given: { code } })
      const current = code ?? (() => askForCode(job, field.page()))
      await typeSecret(field, async () => {
        await job.requestPermit()
        const given = await current()
        trail.hide(given)
        job.confirmPermit()
        progress.codeSent = true
        return given
      })
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

/** Playwright's own error would tell what was typed. */
async function typeSecret(field: Locator, secret: () => Promise<string>): Promise<void> {
  await field.waitFor({ timeout: actMs })
  const value = await secret()
  try {
    await field.fill(value, { timeout: actMs })
  } catch {
    throw new Error('the field for the secret could not be filled in')
  }
}
