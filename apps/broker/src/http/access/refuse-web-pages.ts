import { isIP } from 'node:net'
import { ProblemError } from '@session-broker/shared'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import type { HttpOptions } from '../http-dependencies.ts'

/** So that a stranger cannot fill the memory with names. */
const mostRemembered = 256

/**
 * No web page can use the broker. The host allow-list ends DNS rebinding; a foreign `Origin` and what the
 * browser says in `Sec-Fetch-Site` (W3C Fetch Metadata) end requests of other sites' pages, those without CORS included.
 * The broker's own pages (Swagger UI, the console) are of the same origin.
 */
export function refuseWebPages(
  options: Pick<HttpOptions, 'allowedHosts' | 'listenHost'>,
): onRequestHookHandler {
  const isAllowed = createHostList(options)
  const seen = new Set<string>()

  return function refuseWebPage(request, reply, done) {
    reply.header('x-content-type-options', 'nosniff')
    const { host, origin } = request.headers
    if (host === undefined || !seen.has(host)) {
      if (host === undefined || !isAllowed(hostName(host))) return done(hostRefused(host))
      if (seen.size < mostRemembered) seen.add(host)
    }
    const site = request.headers['sec-fetch-site']
    if (origin === undefined && site === undefined) return done()
    if (isForeign(request, host)) return done(originRefused())
    done()
  }
}

function createHostList({ allowedHosts, listenHost }: Pick<HttpOptions, 'allowedHosts' | 'listenHost'>) {
  if (allowedHosts) {
    const names = new Set(allowedHosts.map((name) => name.toLowerCase()))
    return (name: string) => names.has(name)
  }
  return (name: string) => name === 'localhost' || name === listenHost.toLowerCase() || isIP(name) !== 0
}

/** `Host` without its port and brackets; empty where it is no host. */
function hostName(host: string): string {
  return (
    /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i
      .exec(host)
      ?.slice(1)
      .find(Boolean)
      ?.toLowerCase() ?? ''
  )
}

/** A link to the broker's pages may stand anywhere; following one is not use by a page. */
function isForeign({ headers, method, url }: FastifyRequest, host: string): boolean {
  const { origin } = headers
  if (origin !== undefined) return URL.parse(origin)?.host !== host.toLowerCase()
  const site = headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return false
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && /^\/(?:docs|console)\b/.test(url)
  return !isLink
}

function hostRefused(host: string | undefined): ProblemError {
  const shown = host === undefined ? 'no host' : `the host ${host.slice(0, 100)}`
  return new ProblemError('host_not_allowed', `${shown} is not in allowedHosts`)
}

function originRefused(): ProblemError {
  return new ProblemError('origin_refused', 'the request comes from a web page of another origin')
}
