import { type ErrorCode, type Problem, type ProblemError, toProblem } from '@session-broker/shared'
import type { FastifyReply } from 'fastify'

/** Seconds after which it is worth asking again, where the problem itself does not know. */
const usualSeconds: Partial<Record<ErrorCode, number>> = {
  check_unclear: 30,
  login_site_down: 30,
  account_busy: 10,
  overloaded: 10,
  login_abandoned: 1,
  operation_lost: 1,
}
const otherSeconds = 5

export const realm = 'Bearer realm="session-broker"'

/** RFC 9457, the one place where an error becomes an answer. */
export function sendProblem(reply: FastifyReply, error: ProblemError) {
  const problem = toProblem(error)
  const headers = headersOf(problem)
  for (const [name, value] of Object.entries(headers)) if (!reply.hasHeader(name)) reply.header(name, value)
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problem)))
}

function headersOf({ code, status, retryAfterSeconds }: Problem): Record<string, string> {
  const seconds = retryAfterSeconds ?? usualSeconds[code] ?? otherSeconds
  return {
    'cache-control': 'no-store',
    ...(status === 503 && { 'retry-after': String(seconds) }),
    ...(code === 'key_missing' && { 'www-authenticate': realm }),
    ...(code === 'key_unknown' && { 'www-authenticate': `${realm}, error="invalid_token"` }),
  }
}
