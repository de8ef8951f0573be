import { ProblemError } from '@session-broker/shared'
import type { FastifyInstance } from 'fastify'
import type { CountWrongKey } from './guard.ts'

const mostWrongKeys = 30
const windowMs = 60_000

/** By address: right keys are never held up by it, whoever shares their address. Needs @fastify/rate-limit on the scope. */
export function limitWrongKeys(scope: FastifyInstance): CountWrongKey {
  const count = scope.createRateLimit({ max: mostWrongKeys, timeWindow: windowMs })
  return async function countWrongKey(request, reply) {
    const limit = await count(request)
    if (limit.isAllowed || !limit.isExceeded) return
    reply.header('retry-after', String(limit.ttlInSeconds))
    throw new ProblemError('rate_limited', 'too many wrong keys came from this address')
  }
}
