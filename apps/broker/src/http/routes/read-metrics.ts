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
      const named = principal ? sessions.names(principal).map(mirror.get) : []
      const text = await registry.metrics()
      reply.header('cache-control', 'no-store').type(registry.contentType)
      return named.length === 0 ? text : text + (await sessionMetrics(named, clock.now()))
    },
  })
}
