import { ProblemError, type WorkerStatus } from '@session-broker/shared'
import { z } from 'zod'
import { requireScope } from '../access/guard.ts'
import { sessionMetrics } from '../metrics/session-metrics.ts'
import { openProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'readMetrics',
  tags: ['service'],
  summary: 'Counts for Prometheus',
  description:
    'Without a key: the process and its answers, with no names in them. With a key of scope read: its sessions as well.',
  security: [{}, ...keyOf('read')],
  response: {
    200: { description: 'Prometheus’ text form.', content: { 'text/plain': { schema: z.string() } } },
    ...openProblems('key_missing', 'key_unknown', 'scope_missing', 'rate_limited'),
  },
}

/** `GET /metrics`. */
export function addReadMetrics(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, mirror, metrics, clock } = context
  api.route({
    method: 'GET',
    url: '/metrics',
    schema,
    onRequest: guard.welcomes(),
    async handler({ principal }, reply) {
      const { registry } = metrics
      if (principal) requireScope(principal, 'read', reply)
      const names = principal ? sessions.names(principal) : []
      const text = await registry.metrics()
      reply.header('cache-control', 'no-store').type(registry.contentType)
      if (names.length === 0) return text
      const figures = {
        sessions: names.map(mirror.get),
        workers: await listWorkers(context, names),
        appliedTimes: metrics.appliedTimes,
        nowMs: clock.now(),
      }
      return text + (await sessionMetrics(figures))
    },
  })
}

/** Metrics are told also while the store is away: then without those that only it knows. */
async function listWorkers(
  { workers, mirror, presence }: RouteContext,
  names: readonly string[],
): Promise<WorkerStatus[] | undefined> {
  if (presence.awayForMs() !== undefined) return undefined
  try {
    return (await Promise.all(names.map((name) => workers.list(mirror.get(name).definition)))).flat()
  } catch (error) {
    if (error instanceof ProblemError) return undefined
    throw error
  }
}
