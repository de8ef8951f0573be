import { sessionEventSchema } from '@session-broker/shared'
import { principalOf } from '../access/principal.ts'
import { createEventStreams } from '../events/event-streams.ts'
import { guardedProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'

const schema = {
  operationId: 'followEvents',
  tags: ['session'],
  summary: 'Changes as they happen',
  description:
    'Server-sent events named `session`, never with cookies: on connect the present state of each session that the key may ' +
    'see, then each change of generation, revision or status. A comment every 15 seconds keeps the connection; whoever ' +
    'reads too slowly gets the newest of each session, and is let go after 30 seconds of not reading. Scope: read.',
  security: keyOf('read'),
  response: {
    200: {
      description: 'The data of each event; its `id` names the state’s version.',
      content: { 'text/event-stream': { schema: sessionEventSchema } },
    },
    ...guardedProblems('shutting_down'),
  },
}

/** `GET /session/events`. */
export function addFollowEvents(api: ApiScope, context: RouteContext): void {
  const { guard, sessions } = context
  const streams = createEventStreams(context)
  // Open streams would hold up the server's closing for ever.
  api.addHook('preClose', async () => streams.close())
  context.stopping.addEventListener('abort', streams.close, { once: true })

  api.route({
    method: 'GET',
    url: '/session/events',
    schema,
    sse: 'manual',
    // HEAD would open a stream that nobody can read.
    exposeHeadRoute: false,
    onRequest: guard.requires('read'),
    async handler(request, reply) {
      streams.open(reply, sessions.names(principalOf(request)))
    },
  })
}
