import { z } from 'zod'
import { answers, openProblems } from '../problem/route-problems.ts'
import type { ApiScope } from './route-context.ts'

const schema = {
  operationId: 'tellLiveness',
  tags: ['service'],
  summary: 'Whether the process answers',
  description: 'Never touches the store: a restart would not bring that back. Needs no key.',
  security: [],
  response: { 200: answers('It does.', z.object({ status: z.literal('alive') })), ...openProblems() },
}

/** `GET /livez`. */
export function addTellLiveness(api: ApiScope): void {
  api.route({
    method: 'GET',
    url: '/livez',
    schema,
    handler: (_request, reply) => void reply.header('cache-control', 'no-store').send({ status: 'alive' }),
  })
}
