import rateLimit from '@fastify/rate-limit'
import { fastifySSE } from '@fastify/sse'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { notePublicationTimes } from '../session/publication-times.ts'
import { acceptJsonOnly } from './accept-json-only.ts'
import { createGuard } from './access/guard.ts'
import { limitWrongKeys } from './access/limit-wrong-keys.ts'
import { refuseWebPages } from './access/refuse-web-pages.ts'
import { createVisibleSessions } from './access/visible-sessions.ts'
import { serveConsole } from './console/serve-console.ts'
import type { HttpDependencies, HttpOptions } from './http-dependencies.ts'
import { createHttpMetrics } from './metrics/http-metrics.ts'
import { noteAnswers } from './metrics/note-answers.ts'
import { describeApi } from './openapi/describe-api.ts'
import { serveDocs } from './openapi/serve-docs.ts'
import { createErrorHandler } from './problem/handle-errors.ts'
import { refuseBrokenRequest } from './refuse-broken-requests.ts'
import { refuseUnknownRoutes } from './refuse-unknown-routes.ts'
import { createQueryParser } from './request/parse-query.ts'
import { validateRequest } from './request/validate-request.ts'
import { addAnswerChallenge } from './routes/answer-challenge.ts'
import { addElectWriter } from './routes/elect-writer.ts'
import { addFollowEvents } from './routes/follow-events.ts'
import { addForgetSession } from './routes/forget-session.ts'
import { addListSessions } from './routes/list-sessions.ts'
import { addListWorkers } from './routes/list-workers.ts'
import { addPutCookies } from './routes/put-cookies.ts'
import { addReadChallenge } from './routes/read-challenge.ts'
import { addReadCookies } from './routes/read-cookies.ts'
import { addReadMetrics } from './routes/read-metrics.ts'
import { addReadOperation } from './routes/read-operation.ts'
import { addReadSession } from './routes/read-session.ts'
import { addRefreshSession } from './routes/refresh-session.ts'
import { addReportWorker } from './routes/report-worker.ts'
import { addResetLogins } from './routes/reset-logins.ts'
import type { ApiScope, RouteContext } from './routes/route-context.ts'
import { addTellLiveness } from './routes/tell-liveness.ts'
import { addTellReadiness } from './routes/tell-readiness.ts'
import { shedLoad } from './shed-load.ts'

const bodyLimitBytes = 64 * 1024
const requestTimeoutMs = 30_000
const heartbeatMs = 15_000

/** The whole HTTP surface, ready for `inject` or `listen`; it does neither itself. Who builds it closes it. */
export async function buildHttpServer(
  dependencies: HttpDependencies,
  options: HttpOptions,
): Promise<FastifyInstance> {
  const handleError = createErrorHandler(dependencies.log)
  const app = createApp(options, handleError)
  const metrics = createHttpMetrics({
    refreshesInFlight: () => dependencies.refresher.inFlight().length,
    storeAwayForMs: dependencies.presence.awayForMs,
  })
  app.decorateRequest('principal', undefined)
  app.setErrorHandler(handleError)
  noteAnswers(app, { metrics, log: dependencies.log })
  app.addHook('onRequest', refuseWebPages(options))
  refuseUnknownRoutes(app)
  await describeApi(app, options)
  await app.register(rateLimit, { global: false })
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs })
  await app.register(serveDocs)
  await app.register(serveConsole)
  const guard = createGuard(options, limitWrongKeys(app))
  const sessions = createVisibleSessions(dependencies.mirror)
  const publicationTimes = notePublicationTimes(dependencies)
  const context: RouteContext = { ...dependencies, guard, sessions, metrics, publicationTimes }
  await app.register(async (scope) => addServiceRoutes(speakZod(scope), context))
  await app.register(async (scope) => {
    await shedLoad(scope)
    addApiRoutes(speakZod(scope), context)
  })
  await app.ready()
  return app
}

type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void

function createApp({ tls }: HttpOptions, handleError: ErrorHandler): FastifyInstance {
  const common = {
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    // While it stops, the broker still answers who is connected: reads from memory, refreshes by `shutting_down`.
    return503OnClosing: false,
    routerOptions: { querystringParser: createQueryParser(), maxParamLength: 200 },
    frameworkErrors: handleError,
    clientErrorHandler: refuseBrokenRequest,
  }
  return tls ? Fastify({ ...common, https: tls }) : Fastify(common)
}

/** Zod in the scope of the routes alone: other parts of the server have schemas of their own kind. */
function speakZod(scope: FastifyInstance): ApiScope {
  acceptJsonOnly(scope)
  scope.setValidatorCompiler(validateRequest)
  scope.setSerializerCompiler(serializerCompiler)
  return scope.withTypeProvider<ZodTypeProvider>()
}

/** What answers also under pressure. */
function addServiceRoutes(api: ApiScope, context: RouteContext): void {
  addTellLiveness(api)
  addTellReadiness(api, context)
  addReadMetrics(api, context)
}

function addApiRoutes(api: ApiScope, context: RouteContext): void {
  addReadCookies(api, context)
  addPutCookies(api, context)
  addElectWriter(api, context)
  addRefreshSession(api, context)
  addReadChallenge(api, context)
  addAnswerChallenge(api, context)
  addResetLogins(api, context)
  addReadSession(api, context)
  addForgetSession(api, context)
  addListSessions(api, context)
  addFollowEvents(api, context)
  addReadOperation(api, context)
  addReportWorker(api, context)
  addListWorkers(api, context)
}
