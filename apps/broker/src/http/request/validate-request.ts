import type { FastifySchemaCompiler } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import type { $ZodType } from 'zod/v4/core'

/**
 * Zod for what a request carries. A query is judged once per route (parse-query.ts gives the same object again). No
 * body is an empty one: where all of its fields may be left out, so may it. Headers stand in the schemas for the description
 * alone: the routes read them by their RFCs, which say to ignore what cannot be read.
 */
export const validateRequest: FastifySchemaCompiler<$ZodType> = (route) => {
  const validate = validatorCompiler(route)
  if (route.httpPart === 'headers') return (data) => ({ value: data })
  if (route.httpPart === 'body') return (data) => validate(data ?? {})
  if (route.httpPart !== 'querystring') return validate
  const known = new WeakMap<object, ReturnType<typeof validate>>()
  return function validateQuery(data: object) {
    const before = known.get(data)
    if (before) return before
    const result = validate(data)
    known.set(data, result)
    return result
  }
}
