import type { ApiDocument } from './api-document.ts'

const refPrefix = '#/components/schemas/'

/**
 * Every schema that has a name anywhere in the program comes twice, for requests (`…Input`) and for answers. Keeps what
 * the routes lead to, and drops the ending where there is one of the two alone.
 */
export function tidyComponents(document: ApiDocument): ApiDocument {
  if (!('components' in document)) return document
  const schemas: Record<string, unknown> = document.components?.schemas ?? {}
  const used = reachable(schemas, refsIn(document.paths))
  const nameOf = (name: string) => {
    const short = name.replace(/Input$/, '')
    return used.has(short) ? name : short
  }
  const kept = [...used].sort().map((name) => [nameOf(name), schemas[name]])
  const components = { ...document.components, schemas: Object.fromEntries(kept) }
  return renamed(Object.assign({}, document, { components }), nameOf)
}

function reachable(schemas: Record<string, unknown>, from: readonly string[]): Set<string> {
  const found = new Set(from)
  // A set is walked to its end, what is added on the way included.
  for (const name of found) for (const next of refsIn(schemas[name])) found.add(next)
  return found
}

function refsIn(part: unknown): string[] {
  const refs: string[] = []
  renamed(part, (name) => {
    refs.push(name)
    return name
  })
  return refs
}

/** A copy whose references go by their new names. */
function renamed<T>(part: T, nameOf: (name: string) => string): T {
  const text = JSON.stringify(part, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(refPrefix)
      ? refPrefix + nameOf(value.slice(refPrefix.length))
      : value,
  )
  return text === undefined ? part : JSON.parse(text)
}
