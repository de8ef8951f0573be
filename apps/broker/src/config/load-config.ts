import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import type { RecipeHooks } from '@session-broker/recipe'
import { checkFiles } from './check-files.ts'
import { ConfigError, type Mistake } from './config-error.ts'
import { type ConfigText, configSchema } from './config-schema.ts'
import { crossCheck } from './cross-check.ts'
import { holdAgainst, type KeyMistake } from './explain-issues.ts'
import { type KeyPath, showPath } from './key-path.ts'
import { readRecipes, type WholeData } from './read-recipes.ts'
import { readYaml, type YamlText } from './read-yaml.ts'

/** The configuration as the broker uses it: every default filled in, paths absolute, durations in milliseconds. */
export type BrokerConfig = Omit<ConfigText, 'loginTimeout' | 'serveStale' | 'challenges'> & {
  file: string
  /** Where the file lies; references to secrets are relative to it. */
  folder: string
  loginTimeoutMs: number
  challengeTimeoutMs: number
  webhook?: NonNullable<ConfigText['challenges']['webhook']>
  serveStaleMs: number
  /** The functions of recipes that are code, by session. */
  recipeHooks: Readonly<Record<string, RecipeHooks>>
}

export interface LoadConfigOptions {
  /** Absolute, or relative to `cwd`. */
  file: string
  /** Where the user stands: messages name files as seen from here. */
  cwd: string
  /** Go without keys, on loopback. */
  insecureNoAuth?: boolean
  /** False for what never listens, and needs no keys. */
  serves?: boolean
}

/**
 * Reads session-broker.yaml and everything it names but the secrets.
 * @throws ConfigError with every mistake in one message.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<BrokerConfig> {
  const { insecureNoAuth = false, serves = true } = options
  const file = resolve(options.cwd, options.file)
  const folder = dirname(file)
  const show = (each: string) => shorten(each, options.cwd)
  const text = readYaml(await readText(file, show(file)), show(file))
  if (text.data === undefined || text.data === null) throw new ConfigError(text.file, emptyOr(text))
  const whole = await readRecipes(text, { folder, show })
  const { parsed, mistakes = [] } = holdAgainst(configSchema, whole.data)
  const keyMistakes = [
    ...mistakes,
    ...crossCheck(whole.data, { insecureNoAuth, serves }),
    ...(await checkFiles(whole.data, { folder, show })),
  ]
  const all = [...text.mistakes, ...whole.mistakes, ...keyMistakes.map((each) => locate(each, text, whole))]
  if (all.length > 0 || parsed === undefined) throw new ConfigError(text.file, all)
  return { ...settle(parsed, file, folder), recipeHooks: whole.hooks }
}

async function readText(file: string, shown: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const message =
      code === 'ENOENT'
        ? 'there is no such file; session-broker.example.yaml shows one, --config names another'
        : `cannot be read (${code})`
    throw new ConfigError(shown, [{ file: shown, line: 1, column: 1, key: '', message }])
  }
}

function emptyOr({ file, data, mistakes }: YamlText): Mistake[] {
  if (data === undefined) return mistakes
  return [{ file, line: 1, column: 1, key: '', message: 'is empty: wants at least one session' }]
}

/** A mistake in a recipe stands in the recipe's own file. */
function locate(mistake: KeyMistake, config: YamlText, { recipes }: WholeData): Mistake {
  const { path, part, message, isHidden } = mistake
  const from = recipes.find((recipe) => startsWith(path, recipe.path))
  const { file, ...text } = from?.text ?? config
  const place = text.locate(from ? path.slice(from.path.length) : path, part)
  return { file, ...place, key: showPath(isHidden ? path.slice(0, -1) : path), message }
}

function startsWith(path: KeyPath, start: KeyPath): boolean {
  return start.every((segment, index) => path[index] === segment)
}

function settle(
  { loginTimeout, serveStale, challenges, ...text }: ConfigText,
  file: string,
  folder: string,
): Omit<BrokerConfig, 'recipeHooks'> {
  const { tls, browser } = text
  return {
    ...text,
    file,
    folder,
    loginTimeoutMs: loginTimeout,
    serveStaleMs: serveStale,
    challengeTimeoutMs: challenges.timeout,
    ...(challenges.webhook && { webhook: challenges.webhook }),
    data: resolve(folder, text.data),
    ...(tls && { tls: { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) } }),
    browser: {
      ...browser,
      ...(browser.executable !== undefined && { executable: resolve(folder, browser.executable) }),
    },
  }
}

function shorten(file: string, cwd: string): string {
  const near = relative(cwd, file)
  return near === '' || near.startsWith('..') || isAbsolute(near) ? file : near
}
