import { z } from 'zod'
import type { KeyPath } from './key-path.ts'

export type Schema = z.core.$ZodType

/** The schema for what stands at the end of the way; a union is left as it is. */
export function schemaAt(schema: Schema, path: KeyPath): Schema {
  const [segment, ...rest] = path
  const bare = unwrap(schema)
  if (segment === undefined) return bare
  const next = step(bare, segment)
  return next ? schemaAt(next, rest) : z.unknown()
}

/** The keys that a map of this schema may have; of a union all that one of its forms has. */
export function keysOf(schema: Schema): string[] {
  const bare = unwrap(schema)
  if (bare instanceof z.ZodUnion) return [...new Set(bare.options.flatMap((each) => keysOf(each)))]
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : []
}

export function unionOptions(schema: Schema): readonly Schema[] {
  const bare = unwrap(schema)
  return bare instanceof z.ZodUnion ? bare.options : []
}

/** Every key of the schema, dotted; names that the user chooses as `NAME`. */
export function allKeys(schema: Schema, prefix = ''): string[] {
  const bare = unwrap(schema)
  if (bare instanceof z.ZodArray) return allKeys(bare.element, `${prefix}[]`)
  if (bare instanceof z.ZodRecord) return allKeys(bare.valueType, join(prefix, 'NAME'))
  if (bare instanceof z.ZodUnion) return [...new Set(bare.options.flatMap((each) => allKeys(each, prefix)))]
  if (!(bare instanceof z.ZodObject)) return []
  return Object.entries(bare.shape).flatMap(([key, value]) => {
    const whole = join(prefix, key)
    return [whole, ...allKeys(value as Schema, whole)]
  })
}

function join(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}.${key}`
}

function step(schema: Schema, segment: string | number): Schema | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[segment] as Schema | undefined
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodRecord) return schema.valueType
  return undefined
}

/** Without what only says when it may be left out, or what becomes of it. */
function unwrap(schema: Schema): Schema {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap())
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema
}
