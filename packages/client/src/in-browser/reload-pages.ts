import type { Concerns } from './open-context.ts'

interface OpenPage {
  url(): string
  isClosed(): boolean
}

/**
 * Reloads the open pages at some addresses. One that can't be loaded is no reason to put the state in again.
 * @returns where those stand
 */
export async function reloadPages<Page extends OpenPage>(
  pages: readonly Page[],
  { concerns, reload }: { concerns: Concerns; reload: (page: Page) => Promise<unknown> },
): Promise<string[]> {
  const concerned = pages.filter((page) => !page.isClosed() && isConcerned(concerns, page.url()))
  const left = concerned.map(async (page) => {
    const { origin } = new URL(page.url())
    try {
      await reload(page)
      return []
    } catch {
      return page.isClosed() ? [] : [`the open page at ${origin}`]
    }
  })
  return (await Promise.all(left)).flat()
}

export function isConcerned(concerns: Concerns, url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && concerns(parsed)
}
