import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Mistake } from './config-error.ts'
import { type KeyPath, mapAt, showPath } from './key-path.ts'
import { readYaml, type YamlText } from './read-yaml.ts'

/** The config's data with its recipes' files read into it, and which part came from which file. */
export interface WholeData {
  data: unknown
  recipes: { path: KeyPath; text: YamlText }[]
  mistakes: Mistake[]
}

/**
 * Puts recipes that are given as paths into their places, so that one schema sees the whole.
 * @param show how a file is called towards the user.
 */
export async function readRecipes(
  config: YamlText,
  { folder, show }: { folder: string; show: (file: string) => string },
): Promise<WholeData> {
  const whole: WholeData = { data: structuredClone(config.data), recipes: [], mistakes: [] }
  for (const [name, session] of Object.entries(mapAt(whole.data, ['sessions']))) {
    const path = ['sessions', name, 'recipe']
    const written = mapAt({ session }, ['session']).recipe
    if (typeof written !== 'string') continue
    const file = resolve(folder, written)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error)
    if (typeof text === 'string') {
      const recipe = readYaml(text, show(file))
      whole.recipes.push({ path, text: recipe })
      whole.mistakes.push(...recipe.mistakes)
      // An empty file is a recipe that names nothing.
      Reflect.set(session as object, 'recipe', recipe.data ?? undefined)
    } else {
      const message = `the recipe's file ${show(file)} ${text.code === 'ENOENT' ? 'does not exist' : `cannot be read (${text.code})`}`
      const place = config.locate(path, 'value')
      whole.mistakes.push({ file: config.file, ...place, key: showPath(path), message })
      Reflect.set(session as object, 'recipe', undefined)
    }
  }
  return whole
}
