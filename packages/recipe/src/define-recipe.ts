import type { RecipeData } from '@session-broker/shared'
import type { Page } from 'playwright'
import type { LoginContext, LogOutContext } from './contexts.ts'
import type { Reading } from './reading.ts'

export type LoginHook = (page: Page, context: LoginContext) => void | Promise<void>
export type LogOutHook = (page: Page, context: LogOutContext) => void | Promise<void>

/**
 * Nothing: the broker does what it has read. `done`: the recipe has done this step, and the page is read again. The others: this is
 * what the page wants, whatever was read.
 */
export type Answer = 'done' | 'captcha' | 'approve_elsewhere' | undefined
export type AnswerHook = (page: Page, reading: Reading, context: LoginContext) => Answer | Promise<Answer>

/** A recipe as a module exports it by default: all that a recipe in YAML can say, and functions where that is not enough. */
export interface RecipeDefinition extends Omit<RecipeData, 'before' | 'after' | 'logout'> {
  /** Before a form is looked for: steps, or a function. */
  before?: Exclude<RecipeData['before'], undefined> | LoginHook
  /** Once nothing is asked any more: steps, or a function. */
  after?: Exclude<RecipeData['after'], undefined> | LoginHook
  /** How to log out at the site: steps, or a function. */
  logout?: Exclude<RecipeData['logout'], undefined> | LogOutHook
  /** Called with each reading of the page, before the broker acts on it. */
  answer?: AnswerHook
}

/** The functions among a recipe's parts. */
export interface RecipeHooks {
  before?: LoginHook
  after?: LoginHook
  logout?: LogOutHook
  answer?: AnswerHook
}

/** Gives the recipe back as it is; there for its types. */
export function defineRecipe(recipe: RecipeDefinition): RecipeDefinition {
  return recipe
}
