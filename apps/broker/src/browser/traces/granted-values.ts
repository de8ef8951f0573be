import type { BrowserContext, Page } from 'playwright'

const mostValues = 400
/** What is shorter stands in pages by chance. */
const leastCharacters = 8

/** What the site has given this browser: values of cookies and storage, and the tokens within them. */
export async function grantedValues(context: BrowserContext, page: Page): Promise<string[]> {
  const [cookies, ...stored] = await Promise.all([
    context.cookies().catch(() => []),
    ...page.frames().map((frame) => frame.evaluate(readStorage).catch(() => [])),
  ])
  const values = [...cookies.map(({ value }) => value), ...stored.flat()]
  const all = new Set(values.flatMap((value) => [value, decoded(value), ...tokensIn(value)]))
  return [...all]
    .filter((each) => each.length >= leastCharacters && each.length <= 4_096)
    .slice(0, mostValues)
}

/** Runs in a document. */
function readStorage(): string[] {
  return [...Object.values(localStorage), ...Object.values(sessionStorage)].map((each) =>
    String(each).slice(0, 100_000),
  )
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Storage holds objects, with words beside the tokens. */
function tokensIn(value: string): string[] {
  return value.match(/[\w.+/=~-]{8,}/g)?.filter((each) => /\d/.test(each)) ?? []
}
