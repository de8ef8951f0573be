import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { PublicationTimes } from '../../session/publication-times.ts'
import type { Guard } from '../access/guard.ts'
import type { VisibleSessions } from '../access/visible-sessions.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'

/** What a route works with. */
export interface RouteContext extends HttpDependencies {
  guard: Guard
  sessions: VisibleSessions
  metrics: HttpMetrics
  publicationTimes: PublicationTimes
}

/** The part of the server that speaks zod. */
export type ApiScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** The name under which the API description knows the bearer keys; the scope stands beside it. */
export const keyOf = (scope: string) => [{ key: [scope] }]
