import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPages } from './markdown.ts'

/** `<!-- the file -->` in the line above a block of code: the block is that file, word for word. */
const marked = /^<!-- (\S+) -->\n```\w*\n(.*?)^```$/gms
const mark = /^<!-- (\S+\.\w+) -->$/gm

/** Blocks of code that say which file they are, and differ from it; and examples that no page shows. */
export async function checkSnippets(root: string, shown: readonly string[]): Promise<string[]> {
  const pages = await readPages(root)
  const snippets = pages.flatMap(({ path, text }) =>
    [...text.matchAll(marked)].map(([, file = '', code = '']) => ({ path, file, code })),
  )
  const blockless = pages.flatMap(({ path, text }) =>
    [...text.matchAll(mark)]
      .filter(([, file = '']) => !snippets.some((each) => each.path === path && each.file === file))
      .map(([, file = '']) => `${path}: below <!-- ${file} --> stands no block of code`),
  )
  const wrong = await Promise.all(
    snippets.map(async ({ path, file, code }) => {
      const text = await readFile(join(root, file), 'utf8').catch(() => undefined)
      if (text === undefined) return [`${path}: there is no ${file}, whose text it shows`]
      return text === code ? [] : [`${path}: the block is another than ${file}; copy the file into it`]
    }),
  )
  const unseen = shown
    .filter((file) => !snippets.some((each) => each.file === file))
    .map((file) => `${file}: no page shows this example; show it in docs/clients.md`)
  return [...blockless, ...wrong.flat(), ...unseen]
}
