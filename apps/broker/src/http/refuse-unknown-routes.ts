import { ProblemError } from '@session-broker/shared'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './problem/send-problem.ts'

/** 404 for paths that no route has, 405 with `Allow` (RFC 9110 §15.5.6) for methods that theirs does not. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const methods = new Map<string, { path: RegExp; allowed: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = methods.get(url) ?? { path: pathPattern(url), allowed: new Set() }
    methods.set(url, route)
    for (const each of [method].flat()) route.allowed.add(each)
  })

  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = [...methods.values()]
      .filter((route) => route.path.test(path))
      .flatMap((route) => [...route.allowed])
    if (allowed.length === 0)
      return sendProblem(
        reply,
        new ProblemError('route_unknown', 'there is no such route; /docs shows them all'),
      )
    const allow = [...new Set(allowed)].sort().join(', ')
    reply.header('allow', allow)
    return sendProblem(reply, new ProblemError('method_not_allowed', `this route knows ${allow}`))
  })
}

function pathPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+'
    return part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('/')}$`)
}
