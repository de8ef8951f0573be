import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { addAnswerHeaders } from './answer-headers.ts'
import { tidyComponents } from './tidy-components.ts'

const description = `Log in once; every Chrome on every server is signed in. The broker owns the logins of web accounts and hands the
sessions out.

Every route but the service's own asks for \`Authorization: Bearer sb_…\`. Errors are RFC 9457 problem details with a stable \`code\`;
docs/errors.md says of each what to do. A session that a key may not see is answered like one that does not exist.`

/** Collects the description of every route that is added after it. */
export async function describeApi(app: FastifyInstance, { version }: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'session-broker', version, description, license: { name: 'MIT', identifier: 'MIT' } },
      tags: [
        { name: 'session', description: 'Reading, renewing and following sessions.' },
        { name: 'workers', description: 'What the Chromes hold.' },
        { name: 'service', description: 'The broker itself.' },
      ],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'A key from `broker keys create`.' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => addAnswerHeaders(tidyComponents(jsonSchemaTransformObject(document))),
  })
}
