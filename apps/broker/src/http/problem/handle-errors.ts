import { ProblemError } from '@session-broker/shared'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../session/ports/log.ts'
import { sendProblem } from './send-problem.ts'
import { translateError } from './translate-error.ts'

/** Every error of every route ends here. What is not the caller's to know stands in the log alone. */
export function createErrorHandler(log: Log) {
  return function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = translateError(error, request.routeOptions.bodyLimit)
    if (problem) {
      sendProblem(reply, problem)
      return
    }
    const { method, url: route } = request.routeOptions
    log.error({ error, method: String(method), ...(route && { route }) }, 'a request failed')
    sendProblem(reply, new ProblemError('internal', 'the broker made a mistake; its log says more'))
  }
}
