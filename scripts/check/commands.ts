import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles } from './list-files.ts'
import { readPages, shellCommands } from './markdown.ts'

/** Nobody needs these tried. */
const plain = /^(git clone|cd) /

/** Pages that are followed step by step. */
const followed = /^(README\.md|docs\/setups\/.*)$/

/** Scripts that the docs name and package.json doesn't have, and commands of the pages to follow that neither CI nor a test runs. */
export async function checkCommands(root: string): Promise<string[]> {
  const pages = await readPages(root)
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object }
  const unknown = pages.flatMap(({ path, text }) =>
    [...new Set([...text.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => name))]
      .filter((name) => !Object.hasOwn(scripts, name))
      .map((name) => `${path}: package.json has no script "${name}"`),
  )
  const run = await readRunCommands(root)
  const untried = pages
    .filter(({ path }) => followed.test(path))
    .flatMap(({ path, text }) =>
      shellCommands(text)
        .filter((command) => !plain.test(command) && !isTried(command, run))
        .map((command) => `${path}: neither .ci/run nor a test in test/ holds the command: ${command}`),
    )
  return [...unknown, ...untried]
}

async function readRunCommands(root: string): Promise<string> {
  const paths = ['.ci/run', ...(await listFiles(root, 'test/*.ts'))]
  const texts = await Promise.all(paths.map((path) => readFile(join(root, path), 'utf8').catch(() => '')))
  return texts.join('\n')
}

/** In so many words; an npm script without arguments also when it is run with some. */
function isTried(command: string, run: string): boolean {
  if (run.split(command).some((after, index) => index > 0 && !/^[\w-]/.test(after))) return true
  return /^npm run \w+$/.test(command) && run.includes(`${command} -- `)
}
