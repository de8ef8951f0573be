import { type ErrorCode, errorCodes, type ProblemError, toProblem } from '@session-broker/shared'
import type { FastifyReply } from 'fastify'

/** Seconds after which it is worth asking again. */
const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  check_unclear: 30,
  login_site_down: 30,
  overloaded: 10,
  login_abandoned: 1,
  operation_lost: 1,
}
const usualRetryAfterSeconds = 5

export const realm = 'Bearer realm="session-broker"'

/** RFC 9457, the one place where an error becomes an answer. */
export function sendProblem(reply: FastifyReply, { code, message }: Pick<ProblemError, 'code' | 'message'>) {
  const problem = toProblem(code, message)
  const headers = headersOf(code)
  for (const [name, value] of Object.entries(headers)) if (!reply.hasHeader(name)) reply.header(name, value)
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problem)))
}

function headersOf(code: ErrorCode): Record<string, string> {
  const { status } = errorCodes[code]
  return {
    'cache-control': 'no-store',
    ...(status === 503 && { 'retry-after': String(retryAfterSeconds[code] ?? usualRetryAfterSeconds) }),
    ...(code === 'key_missing' && { 'www-authenticate': realm }),
    ...(code === 'key_unknown' && { 'www-authenticate': `${realm}, error="invalid_token"` }),
  }
}
