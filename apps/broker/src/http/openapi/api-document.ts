import type { SwaggerTransformObject } from '@fastify/swagger'

/** The whole description, in OpenAPI's types. */
export type ApiDocument = ReturnType<SwaggerTransformObject>

export interface Operation {
  operationId?: string
  requestBody?: { required?: boolean }
  responses?: Record<string, { headers?: Record<string, Header> }>
}

export interface Header {
  description: string
  schema: { type: 'string' | 'integer' }
}
