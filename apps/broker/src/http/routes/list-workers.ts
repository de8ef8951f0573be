import { workerListSchema } from '@session-broker/shared'
import { principalOf } from '../access/principal.ts'
import { answers, guardedProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'listWorkers',
  tags: ['workers'],
  summary: 'What each worker has applied, when, in which Chrome',
  description: 'The newest report of each worker about each session that the key may see. Scope: read.',
  security: keyOf('read'),
  response: { 200: answers('The reports.', workerListSchema), ...guardedProblems('store_unavailable') },
}

/** `GET /workers`. */
export function addListWorkers(api: ApiScope, { guard, sessions, workers, mirror }: RouteContext): void {
  api.route({
    method: 'GET',
    url: '/workers',
    schema,
    config: { logged: true },
    onRequest: guard.requires('read'),
    async handler(request, reply) {
      const names = sessions.names(principalOf(request))
      const boards = await Promise.all(names.map((name) => workers.list(mirror.get(name).definition)))
      reply.header('cache-control', 'no-store')
      return { workers: boards.flat() }
    },
  })
}
