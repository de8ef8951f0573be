import { readFile, realpath } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { isAbsolute, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KeyPath } from './key-path.ts'
import type { Place } from './read-yaml.ts'

/** The package that recipes may import, wherever they lie. */
const recipePackage = '@session-broker/recipe'
/** How long a module may take to load: it may wait for something at its top level. */
const loadMs = 10_000

export type ImportedRecipe =
  | { recipe: object; locate: (path: KeyPath) => Place; failure?: never }
  | { recipe?: never; failure: { message: string; place: Place } }

const start: Place = { line: 1, column: 1 }

/** Loads a recipe that is code. It runs in the broker, so that it has to lie with the configuration. */
export async function importRecipe(file: string, folder: string): Promise<ImportedRecipe> {
  const [real, realFolder, source] = await Promise.all([
    realpath(file),
    realpath(folder),
    readFile(file, 'utf8'),
  ])
  const near = relative(realFolder, real)
  if (near.startsWith('..') || isAbsolute(near)) {
    const message = 'a recipe that is code has to lie in the folder of the configuration, or below it'
    return { failure: { message, place: start } }
  }
  let module: { default?: unknown }
  try {
    module = await load(pathToFileURL(real).href, pathToFileURL(realFolder).href)
  } catch (error) {
    return { failure: { message: `cannot be loaded: ${whatFailed(error)}`, place: placeOf(error) } }
  }
  const recipe = module.default
  if (typeof recipe === 'object' && recipe !== null && !Array.isArray(recipe))
    return { recipe, locate: (path) => findKey(source, path) }
  return { failure: { message: 'has no recipe: wants export default defineRecipe({ … })', place: start } }
}

/**
 * The folder of a user's configuration has no packages: the one for recipes is found where the broker has it. And what lies there is
 * a module, whatever a package.json beside it says.
 */
async function load(url: string, folder: string): Promise<{ default?: unknown }> {
  const resolved = import.meta.resolve(recipePackage)
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === recipePackage) return { url: resolved, shortCircuit: true }
      const found = next(specifier, context)
      const isOwn = found.url.startsWith(folder) && !found.url.includes('/node_modules/')
      const ending = isOwn && /\.[jt]s$/.exec(found.url)?.[0]
      return ending ? { ...found, format: ending === '.ts' ? 'module-typescript' : 'module' } : found
    },
  })
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it takes longer than ${loadMs / 1000} seconds`)), loadMs)
  })
  try {
    return await Promise.race([import(url), tooLong])
  } finally {
    clearTimeout(timer)
    hooks.deregister()
  }
}

function whatFailed(error: unknown): string {
  const said =
    error instanceof Error ? `${error.name}: ${error.message}` : 'it throws something that is no error'
  return said.replace(/^Error: /, '').split('\n', 1)[0] ?? ''
}

/** Node puts file and line before the stack of a mistake in the text itself. */
function placeOf(error: unknown): Place {
  const line = error instanceof Error && /^file:\/\/\S+:(\d+)\n/.exec(error.stack ?? '')?.[1]
  return line ? { line: Number(line), column: 1 } : start
}

/** Where the key is written, one after the other; as near as a text can tell. */
function findKey(source: string, path: KeyPath): Place {
  let at = 0
  for (const segment of path.filter((each) => typeof each === 'string')) {
    const found = source
      .slice(at)
      .search(new RegExp(`(?<![\\w$])${segment.replace(/\W/g, '\\$&')}['"]?\\s*[:(,}]`))
    if (found === -1) break
    at += found
  }
  const before = source.slice(0, at).split('\n')
  return at === 0 ? start : { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
