import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../session/ports/log.ts'
import type { Standings } from '../session/standings.ts'
import { countHappenings } from './count-happenings.ts'
import { describeStandings, isAlive, isReady } from './describe-standings.ts'
import { isLoopback, type ListenAddress, showAddress } from './listen-address.ts'
import { ListenError } from './listen-error.ts'
import { type Refusal, refuseWebPages } from './refuse-web-pages.ts'

export interface LocalHttpOptions {
  listen: ListenAddress
  standings: Standings
  lookEveryMs: number
  now: () => number
  log: Pick<Log, 'error'>
}

export interface LocalHttp {
  /** `http://127.0.0.1:9464`. */
  address: string
  close(): Promise<void>
}

const lookWithinMs = 30_000
const requestMs = 10_000
const mostConnections = 64

interface Answer {
  status?: number
  type?: string
  body: string
}

interface Route {
  method: 'GET' | 'POST'
  /** Names sessions and Chromes: for this machine alone. */
  isPrivate?: true
  answer(request: { isLocal: boolean; signal: AbortSignal }): Answer | Promise<Answer>
}

/**
 * Tells how this worker stands, to who is on this machine; beyond it, what names nothing.
 * @throws ListenError
 */
export async function serveLocally(options: LocalHttpOptions): Promise<LocalHttp> {
  const { listen, log } = options
  const routes = createRoutes(options)
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, (request, response) =>
    answer(request, response, { routes, listenHost: listen.host }).catch((error) => {
      log.error({ error }, 'a local request failed')
      send(response, { status: 500, body: '' })
    }),
  )
  server.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(explain(listen, cause)))
    server.listen(listen, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    address: showAddress({ host: listen.host, port }),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function createRoutes({ standings, lookEveryMs, now }: LocalHttpOptions): Record<string, Route> {
  const metrics = countHappenings(standings)
  const say = (isWell: boolean) => ({ status: isWell ? 200 : 503, ...json({ status: isWell ? 'ok' : 'no' }) })
  const aliveNow = () => isAlive(standings.all(), { nowMs: now(), lookEveryMs })
  return {
    '/livez': { method: 'GET', answer: () => say(aliveNow()) },
    '/readyz': { method: 'GET', answer: () => say(isReady(standings.all())) },
    '/metrics': {
      method: 'GET',
      answer: async ({ isLocal }) => ({
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: await metrics.text(isLocal),
      }),
    },
    '/status': { method: 'GET', isPrivate: true, answer: () => json(describeStandings(standings.all())) },
    '/look': {
      method: 'POST',
      isPrivate: true,
      answer: async ({ signal }) => json(describeStandings(await standings.lookNow(signal))),
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { routes, listenHost }: { routes: Record<string, Route>; listenHost: string },
): Promise<void> {
  // Nothing that is asked here needs a body.
  request.resume()
  const isLocal = isLoopback(request.socket.remoteAddress ?? '')
  const route = routes[(request.url ?? '').split('?')[0] ?? '']
  const refusal = refuseWebPages(request, listenHost) ?? refuse(request, route, isLocal)
  if (refusal || !route) return send(response, refused(refusal ?? unknownRoute))
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(lookWithinMs)])
  send(response, await route.answer({ isLocal, signal }))
}

const unknownRoute = { status: 404, code: 'route_unknown', detail: 'there is no such route' }

function refuse(
  { method, headers }: IncomingMessage,
  route: Route | undefined,
  isLocal: boolean,
): Refusal | undefined {
  if (!route) return unknownRoute
  if (route.isPrivate && !isLocal) {
    return { status: 403, code: 'not_local', detail: 'this is told on the worker’s own machine alone' }
  }
  if (method !== route.method)
    return { status: 405, code: 'method_not_allowed', detail: `it is ${route.method} here` }
  if (method === 'POST' && !/^application\/json\b/i.test(headers['content-type'] ?? ''))
    return { status: 415, code: 'media_type_unsupported', detail: 'send application/json' }
  return undefined
}

function send(response: ServerResponse, { status = 200, type = 'application/json', body }: Answer): void {
  response
    .writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(body)
}

function refused({ status, ...problem }: Refusal): Answer {
  return { status, type: 'application/problem+json', body: `${JSON.stringify({ status, ...problem })}\n` }
}

function json(value: unknown): Answer {
  return { body: `${JSON.stringify(value)}\n` }
}

function explain(listen: ListenAddress, cause: NodeJS.ErrnoException): ListenError {
  const at = showAddress(listen)
  if (cause.code === 'EADDRINUSE')
    return new ListenError(`--listen: another program listens at ${at}: choose another port`, { cause })
  return new ListenError(`--listen: nothing can be served at ${at} (${cause.code ?? cause.message})`, {
    cause,
  })
}
