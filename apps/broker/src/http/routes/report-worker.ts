import { workerIdSchema, workerReportSchema } from '@session-broker/shared'
import { z } from 'zod'
import { noteWorkerReport } from '../../session/note-worker-report.ts'
import { principalOf } from '../access/principal.ts'
import { answersNothing, guardedProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'reportWorker',
  tags: ['workers'],
  summary: 'What a worker has put into its Chrome',
  description:
    'Replaces what this worker last reported about this session. What is sent again counts once in the times of ' +
    '`GET /metrics`. Scope: read.',
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
export function addReportWorker(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, metrics } = context
  api.route({
    method: 'POST',
    url: '/workers/:id/report',
    schema,
    config: { logged: true },
    onRequest: guard.requires('read'),
    async handler(request, reply) {
      const { params, body: report } = request
      const { definition } = sessions.pick(principalOf(request), report.session)
      const commitToAppliedMs = await noteWorkerReport(context, definition, { id: params.id, report })
      if (commitToAppliedMs !== undefined) metrics.appliedTimes.note(report.session, commitToAppliedMs)
      return reply.code(204).send(null)
    },
  })
}
