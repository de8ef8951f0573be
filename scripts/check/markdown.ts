import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles } from './list-files.ts'

export type Page = { path: string; text: string }

export async function readPages(root: string): Promise<Page[]> {
  const paths = await listFiles(root, '*.md')
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })))
}

/** The targets of links and pictures, outside of code. */
export function findLinks(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '')
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
  const defined = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)]
  const html = [...prose.matchAll(/<(?:img|a)\s[^>]*(?:src|href)="([^"]+)"/g)]
  return [...inline, ...defined, ...html].flatMap(([, target]) => (target === undefined ? [] : [target]))
}

/** The fragments that GitHub gives the headings of a page. */
export function headingIds(text: string): string[] {
  return [...text.replace(/^```.*?^```/gms, '').matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

/** The commands in a page's shell blocks, a line each: without prompt, comment and line breaks. */
export function shellCommands(text: string): string[] {
  return [...text.matchAll(/^```(?:sh|bash|shell|console)\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .map((line) =>
        line
          .replace(/^\$ /, '')
          .replace(/(^|\s+)#.*$/, '')
          .trim(),
      )
      .filter(Boolean),
  )
}
