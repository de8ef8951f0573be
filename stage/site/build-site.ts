import Fastify, { type FastifyInstance } from 'fastify'
import { adminPrefix, adminRoutes } from './admin-routes.ts'
import { readCookies } from './cookies.ts'
import { loginRoutes } from './login-routes.ts'
import { pageRoutes } from './page-routes.ts'
import type { SiteContext } from './site-context.ts'

/** The site's routes over its memory; doesn't listen. */
export function buildSite(site: SiteContext, adminToken: string | undefined): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  )
  app.addHook('onRequest', async (request, reply) => {
    const { pathname } = new URL(request.url, 'http://site')
    if (pathname.startsWith(adminPrefix)) return
    const cookieNames = [...readCookies(request.headers.cookie).keys()]
    site.counters.sawRequest({ method: request.method, path: pathname, cookieNames })
    await site.untilItAnswers()
    if (site.personality().mode === 'down')
      return reply.code(503).header('retry-after', '30').type('text/html').send('<h1>Back in a moment</h1>')
  })
  loginRoutes(app, site)
  pageRoutes(app, site)
  if (adminToken !== undefined) adminRoutes(app, site, adminToken)
  return app
}
