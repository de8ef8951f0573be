import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findLinks, headingIds, type Page, readPages } from './markdown.ts'

/** Links between the project's own pages and files that lead nowhere. */
export async function checkLinks(root: string): Promise<string[]> {
  const pages = await readPages(root)
  return pages.flatMap((page) =>
    findLinks(page.text)
      .filter((link) => !/^[a-z]+:/i.test(link) && !leadsSomewhere(root, page, link, pages))
      .map((link) => `${page.path}: the link ${link} leads nowhere`),
  )
}

function leadsSomewhere(root: string, page: Page, link: string, pages: readonly Page[]): boolean {
  const [file = '', fragment] = decodeURI(link).split('#')
  const path = file === '' ? page.path : join(dirname(page.path), file)
  if (!existsSync(join(root, path))) return false
  const target = pages.find((candidate) => candidate.path === path)
  return !fragment || !target || headingIds(target.text).includes(fragment)
}
