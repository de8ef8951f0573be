import type { RecipeHooks } from '@session-broker/recipe'

const names = ['before', 'after', 'logout', 'answer'] as const

/** A recipe's functions, and what is left of it: the same that a recipe in YAML says. */
export function splitRecipe(recipe: object): { data: Record<string, unknown>; hooks: RecipeHooks } {
  const data: Record<string, unknown> = { ...recipe }
  const hooks: Record<string, unknown> = {}
  for (const name of names) {
    if (typeof data[name] !== 'function') continue
    hooks[name] = data[name]
    delete data[name]
  }
  return { data, hooks }
}
