import type { BrowserContext, Page } from 'playwright'

/** All together: a pattern of that length takes half a second to compile, and nothing else runs meanwhile. */
const mostCharacters = 40_000
/** What is read of a value in storage. */
const mostRead = 100_000
/** Longer ones are objects, of which a page shows parts. */
const mostOfWhole = 512
/** What is shorter stands in pages by chance. */
const leastCharacters = 8

/**
 * What the site has given this browser: values of cookies and storage, and the tokens within them.
 * @returns undefined where they are too many to be looked for.
 */
export async function grantedValues(context: BrowserContext, page: Page): Promise<string[] | undefined> {
  const [cookies, ...stored] = await Promise.all([
    context.cookies().catch(() => []),
    ...page.frames().map((frame) => frame.evaluate(readStorage, mostRead + 1).catch(() => [])),
  ])
  const values = [...cookies.map(({ value }) => value), ...stored.flat()]
  if (values.some((each) => each.length > mostRead)) return undefined
  const whole = values
    .flatMap((value) => [value, decoded(value)])
    .filter((each) => each.length <= mostOfWhole)
  const all = new Set([...whole, ...values.flatMap(tokensIn)])
  const sought = [...all].filter((each) => each.length >= leastCharacters && each.length <= 4_096)
  return sought.join('').length > mostCharacters ? undefined : sought
}

/** Runs in a document. */
function readStorage(most: number): string[] {
  return [...Object.values(localStorage), ...Object.values(sessionStorage)].map((each) =>
    String(each).slice(0, most),
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
