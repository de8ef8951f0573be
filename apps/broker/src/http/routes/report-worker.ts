import { workerIdSchema, workerReportSchema } from '@session-broker/shared'
import { z } from 'zod'
import { principalOf } from '../access/principal.ts'
import { answersNothing, guardedProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'reportWorker',
  tags: ['workers'],
  summary: 'What a worker has put into its Chrome',
  description: 'Replaces what this worker last reported about this session. Scope: read.',
  security: keyOf('read'),
  params: z.object({
    id: workerIdSchema.meta({ description: 'The worker’s own name; the same after a restart.' }),
  }),
  body: workerReportSchema,
  response: {
    204: answersNothing('Noted.'),
    ...guardedProblems(
      'session_unknown',
      'body_malformed',
      'body_too_large',
      'media_type_unsupported',
      'store_unavailable',
    ),
  },
}

/** `POST /workers/{id}/report`. */
export function addReportWorker(api: ApiScope, { guard, sessions, workers, clock }: RouteContext): void {
  api.route({
    method: 'POST',
    url: '/workers/:id/report',
    schema,
    config: { logged: true },
    onRequest: guard.requires('read'),
    async handler(request, reply) {
      const { definition } = sessions.pick(principalOf(request), request.body.session)
      const reportedAt = new Date(clock.now()).toISOString()
      await workers.save(definition, { ...request.body, id: request.params.id, reportedAt })
      return reply.code(204).send(null)
    },
  })
}
