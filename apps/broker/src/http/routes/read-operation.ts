import { operationSchema, ProblemError } from '@session-broker/shared'
import { z } from 'zod'
import { readOperation, sessionOfOperation } from '../../session/read-operation.ts'
import { principalOf } from '../access/principal.ts'
import { answers, guardedProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'readOperation',
  tags: ['session'],
  summary: 'A refresh that runs or has ended',
  description:
    'Kept for an hour. A failed one carries its problem; the answer itself is 200. Scope: refresh.',
  security: keyOf('refresh'),
  params: z.object({ id: z.string().max(200).meta({ description: 'From `Location`.' }) }),
  response: {
    200: answers('The operation.', operationSchema),
    ...guardedProblems('operation_unknown', 'store_unavailable'),
  },
}

/** `GET /operations/{id}`. */
export function addReadOperation(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, mirror } = context
  api.route({
    method: 'GET',
    url: '/operations/:id',
    schema,
    config: { logged: true },
    onRequest: guard.requires('refresh'),
    async handler(request, reply) {
      const { id } = request.params
      const session = sessionOfOperation(id)
      const isVisible = sessions.sees(principalOf(request), session)
      const operation = isVisible && (await readOperation(context, mirror.get(session).definition, id))
      if (!operation)
        throw new ProblemError('operation_unknown', 'there is no such operation, or not any more')
      reply.header('cache-control', 'no-store')
      return operation
    },
  })
}
