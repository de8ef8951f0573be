import { parse } from 'node:querystring'

const mostRemembered = 512
const longestRemembered = 128

/**
 * Parses a query string once: readers ask the same few over and over. What it gives is frozen and shared, so that
 * what was found out about it can be remembered as well (validate-request.ts).
 */
export function createQueryParser(): (query: string) => Record<string, unknown> {
  const known = new Map<string, Record<string, unknown>>()
  return function parseQuery(query) {
    const before = known.get(query)
    if (before) return before
    const parsed = Object.freeze(parse(query))
    if (query.length <= longestRemembered && known.size < mostRemembered) known.set(query, parsed)
    return parsed
  }
}
