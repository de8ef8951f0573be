import type { FastifyInstance } from 'fastify'
import type { Log } from '../../session/ports/log.ts'
import type { HttpMetrics } from './http-metrics.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Milliseconds on the monotonic clock. */
    arrivedAtMs: number
  }
  interface FastifyContextConfig {
    /** Each answer of this route is worth a line in the log. */
    logged?: boolean
  }
}

/**
 * Counts every answer when it leaves, and logs those that are worth it. Answers past Fastify (the ready ones, event
 * streams) are counted where they are given: a hook would cost them more than they cost themselves.
 */
export function noteAnswers(
  app: FastifyInstance,
  { metrics, log }: { metrics: HttpMetrics; log: Log },
): void {
  app.decorateRequest('arrivedAtMs', 0)
  app.addHook('onRequest', (request, _reply, done) => {
    request.arrivedAtMs = performance.now()
    done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { method } = request
    const { url: route = 'unknown', config } = request.routeOptions
    const status = reply.statusCode
    const durationMs = performance.now() - request.arrivedAtMs
    metrics.answers({ method, route, status })(durationMs)
    if (config.logged) {
      const key = request.principal?.name
      log.info({ method, route, status, durationMs: Math.round(durationMs), ...(key && { key }) }, 'answered')
    }
    done()
  })
}
