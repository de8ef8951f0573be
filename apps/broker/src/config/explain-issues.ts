import { closestMatch } from 'leven'
import { z } from 'zod'
import { isPresentable, type KeyPath, valueAt } from './key-path.ts'
import { keysOf, type Schema, schemaAt, unionOptions } from './schema-walk.ts'

/** A mistake by its key, before its place in a file is known. */
export interface KeyMistake {
  path: KeyPath
  /** Which of the two the mistake is: the key itself, or what stands behind it. */
  part: 'key' | 'value'
  message: string
  /** The key is no word that may be repeated: the message speaks of the map that it stands in. */
  isHidden?: true
}

/** Holds data against a schema. The mistakes are in our words and never repeat a value. */
export function holdAgainst<S extends z.ZodType>(
  schema: S,
  data: unknown,
): { parsed: z.output<S>; mistakes?: never } | { parsed?: never; mistakes: KeyMistake[] } {
  const result = z.safeParse(schema, data, { error: (issue) => phrase(issue) })
  if (result.success) return { parsed: result.data }
  return { mistakes: explainAll(result.error.issues, { schema, data, at: [] }) }
}

interface Standpoint {
  schema: Schema
  data: unknown
  at: KeyPath
}

function explainAll(issues: readonly z.core.$ZodIssue[], from: Standpoint): KeyMistake[] {
  return issues.flatMap((issue) => explain(issue, from))
}

function explain(issue: z.core.$ZodIssue, from: Standpoint): KeyMistake[] {
  const own = issue.path as KeyPath
  const path = [...from.at, ...own]
  const data = valueAt(from.data, own)
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemaAt(from.schema, own))
    return issue.keys.map((key) => unknownKey([...path, key], valueAt(data, [key]), known))
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? 'is not a right name'
    return [{ path, part: 'key', message }, ...explainBehind(path, schemaAt(from.schema, own), data)]
  }
  if (issue.code === 'invalid_union') {
    const schema = schemaAt(from.schema, own)
    return explainUnion(issue.errors, { schema, data, at: path })
  }
  return [{ path, part: 'value', message: issue.message }]
}

/** Behind a wrong name zod doesn't look any further. */
function explainBehind(at: KeyPath, schema: Schema, data: unknown): KeyMistake[] {
  const result = z.safeParse(schema, data, { error: (issue) => phrase(issue) })
  return result.success ? [] : explainAll(result.error.issues, { schema, data, at })
}

function unknownKey(path: KeyPath, value: unknown, known: readonly string[]): KeyMistake {
  const key = String(path.at(-1))
  const like = closestMatch(key, known, { maxDistance: Math.max(1, Math.ceil(key.length / 3)) })
  const advice = like === undefined ? `known here: ${known.join(', ')}` : `did you mean "${like}"?`
  // A key with nothing behind it may be the rest of a password with a comma or without its space after the colon.
  const isKey = isPresentable(key) && value !== null
  if (isKey) return { path, part: 'key', message: `is not known; ${advice}` }
  return { path, part: 'key', message: `holds a key that is not known; ${advice}`, isHidden: true }
}

/** Of several forms the one that fits best is meant, if one does; otherwise the forms are named. */
function explainUnion(branches: z.core.$ZodIssue[][], from: Standpoint): KeyMistake[] {
  const weights = branches.map((issues) => issues.map(weightOf).reduce((sum, weight) => sum + weight, 0))
  const least = Math.min(...weights)
  const best = weights.indexOf(least)
  const option = unionOptions(from.schema)[best]
  if (option && weights.lastIndexOf(least) === best) {
    return explainAll(branches[best] ?? [], { ...from, schema: option })
  }
  const forms = unionOptions(from.schema).flatMap((each) => keysOf(each).slice(0, 1))
  const written = Object.keys(Object(from.data))
  const like = written.map((key) => closestMatch(key, forms, { maxDistance: 2 })).find(Boolean)
  const message = `wants one of ${forms.join(', ')}${like === undefined ? '' : `; did you mean "${like}"?`}`
  return [{ path: from.at, part: 'value', message }]
}

function weightOf(issue: z.core.$ZodIssue): number {
  return issue.code === 'unrecognized_keys' ? issue.keys.length : 1
}

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function phrase(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'is missing'
  if (issue.input === null) return 'is empty'
  if (issue.code === 'invalid_type') return `wants ${kinds[String(issue.expected)] ?? issue.expected}`
  if (issue.code === 'invalid_value') return phraseChoice(issue.values as string[], issue.input)
  if (issue.code === 'invalid_format' && issue.format === 'url') return 'wants a URL with http:// or https://'
  if (issue.code === 'too_small') return phraseLimit('at least', issue.minimum, issue.origin)
  if (issue.code === 'too_big') return phraseLimit('at most', issue.maximum, issue.origin)
  return undefined
}

function phraseChoice(values: string[], input: unknown): string {
  const like = typeof input === 'string' ? closestMatch(input, values, { maxDistance: 2 }) : undefined
  const choice = values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`
  return `wants ${choice}${like === undefined ? '' : `; did you mean "${like}"?`}`
}

function phraseLimit(side: 'at least' | 'at most', limit: unknown, origin: unknown): string {
  const of = origin === 'string' ? ' characters' : ''
  if (limit === 1 && side === 'at least') {
    if (origin === 'string') return 'is empty'
    if (origin === 'array') return 'wants at least one'
  }
  return `wants ${side} ${limit}${of}`
}
