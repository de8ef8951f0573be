import { ProblemError, type Step } from '@session-broker/shared'
import type { Page } from 'playwright'
import type { Trail } from '../traces/trail.ts'

const stepMs = 10_000
const optionalStepMs = 2_000

/** Where the form was sent already, trying again soon would only send it again. */
const problemIn = {
  before: 'login_misconfigured',
  after: 'login_not_authenticated',
  logout: 'login_misconfigured',
} as const

/** Does a recipe's steps in order. @throws `login_misconfigured` or `login_not_authenticated`, naming the step that could not be done. */
export async function runSteps(
  page: Page,
  steps: readonly Step[],
  { where, trail }: { where: keyof typeof problemIn; trail?: Pick<Trail, 'did' | 'hide'> },
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const name = `step ${index + 1} of the recipe's "${where}" (${Object.keys(step)[0]})`
    if ('with' in step) trail?.hide(step.with)
    try {
      await runStep(page, step, step.optional ? optionalStepMs : stepMs)
      trail?.did(name)
    } catch (cause) {
      // The end of the login's time says nothing of the step.
      if (page.isClosed()) throw cause
      trail?.did(`could not do ${name}`)
      if (!step.optional) throw impossible(name, where, cause)
    }
  }
}

function impossible(name: string, where: keyof typeof problemIn, cause: unknown): ProblemError {
  const detail = `${name} could not be done: does the page still have that element?`
  return new ProblemError(problemIn[where], detail, { cause })
}

async function runStep(page: Page, step: Step, timeout: number): Promise<void> {
  if ('click' in step) await page.locator(step.click).first().click({ timeout })
  else if ('fill' in step) await page.locator(step.fill).first().fill(step.with, { timeout })
  else if ('select' in step) await page.locator(step.select).first().selectOption(step.option, { timeout })
  else if ('press' in step) await page.keyboard.press(step.press)
  else if ('waitFor' in step) await page.locator(step.waitFor).first().waitFor({ timeout })
  else await page.goto(step.goto, { timeout })
}
