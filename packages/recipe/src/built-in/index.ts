import type { RecipeDefinition } from '../define-recipe.ts'
import { amazon } from './amazon.ts'

/** The recipes that come with the broker, by the name that a configuration gives them. */
export const builtInRecipes: Readonly<Record<string, RecipeDefinition>> = { amazon }
