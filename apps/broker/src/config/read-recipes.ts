import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { builtInRecipes, type RecipeHooks } from '@session-broker/recipe'
import { closestMatch } from 'leven'
import type { Mistake } from './config-error.ts'
import { importRecipe } from './import-recipe.ts'
import { type KeyPath, mapAt, showPath } from './key-path.ts'
import { readYaml, type YamlText } from './read-yaml.ts'
import { splitRecipe } from './split-recipe.ts'

/** The config's data with its recipes read into it, and which part came from which file. */
export interface WholeData {
  data: unknown
  recipes: RecipeText[]
  /** The functions of recipes that are code, by session. */
  hooks: Record<string, RecipeHooks>
  mistakes: Mistake[]
}

interface RecipeText {
  path: KeyPath
  text: Pick<YamlText, 'file' | 'locate'>
}

interface Surroundings {
  folder: string
  /** How a file is called towards the user. */
  show: (file: string) => string
}

/** What stands in the place of a recipe's name or path: nothing where it could not be read. */
interface ReadRecipe {
  data?: unknown
  hooks?: RecipeHooks
  text?: RecipeText['text']
  mistakes?: Mistake[]
  /** Why there is none, to be told where its name stands. */
  absent?: string
}

/** Puts recipes that are given by name or path into their places, so that one schema sees the whole. */
export async function readRecipes(config: YamlText, surroundings: Surroundings): Promise<WholeData> {
  const whole: WholeData = { data: structuredClone(config.data), recipes: [], hooks: {}, mistakes: [] }
  for (const [name, session] of Object.entries(mapAt(whole.data, ['sessions']))) {
    const path = ['sessions', name, 'recipe']
    const written = mapAt({ session }, ['session']).recipe
    if (typeof written !== 'string') continue
    const { data, hooks, text, mistakes = [], absent } = await readRecipe(written, surroundings)
    // An empty file is a recipe that names nothing.
    Reflect.set(session as object, 'recipe', data ?? undefined)
    if (text) whole.recipes.push({ path, text })
    if (hooks) whole.hooks[name] = hooks
    whole.mistakes.push(...mistakes)
    if (absent !== undefined) {
      const place = config.locate(path, 'value')
      whole.mistakes.push({ file: config.file, ...place, key: showPath(path), message: absent })
    }
  }
  return whole
}

async function readRecipe(written: string, surroundings: Surroundings): Promise<ReadRecipe> {
  const file = resolve(surroundings.folder, written)
  try {
    if (/^[\w-]+$/.test(written)) return findBuiltIn(written)
    if (/\.m?[jt]s$/.test(written)) return await readModule(file, surroundings)
    const text = readYaml(await readFile(file, 'utf8'), surroundings.show(file))
    return { data: text.data, text, mistakes: text.mistakes }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    return { absent: `the recipe's file ${surroundings.show(file)} ${why}` }
  }
}

function findBuiltIn(name: string): ReadRecipe {
  const recipe = Object.entries(builtInRecipes).find(([known]) => known === name)?.[1]
  if (recipe) return splitRecipe(recipe)
  const known = Object.keys(builtInRecipes)
  const like = closestMatch(name, known, { maxDistance: 2 })
  const advice = like === undefined ? `known: ${known.join(', ')}` : `did you mean "${like}"?`
  return { absent: `no recipe of this name comes with the broker (a file is ./NAME.yaml); ${advice}` }
}

async function readModule(file: string, { folder, show }: Surroundings): Promise<ReadRecipe> {
  const { recipe, failure, locate } = { locate: undefined, ...(await importRecipe(file, folder)) }
  if (failure)
    return { mistakes: [{ file: show(file), ...failure.place, key: '', message: failure.message }] }
  const { data, hooks } = splitRecipe(recipe)
  const text = { file: show(file), locate }
  if (!('answer' in data)) return { data, hooks, text }
  const { answer: _, ...rest } = data
  const mistake = { file: show(file), ...locate(['answer']), key: 'answer', message: 'wants a function' }
  return { data: rest, hooks, text, mistakes: [mistake] }
}
