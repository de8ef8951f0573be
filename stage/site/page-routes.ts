import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { homePage } from './pages.ts'
import { identify, type SiteContext } from './site-context.ts'

const assetTypes = {
  'site.css': 'text/css; charset=utf-8',
  'device.js': 'text/javascript; charset=utf-8',
  'login.js': 'text/javascript; charset=utf-8',
  'home.js': 'text/javascript; charset=utf-8',
}

/** What a signed-in person sees, and the page's own API. */
export function pageRoutes(app: FastifyInstance, site: SiteContext): void {
  app.get('/', (request, reply) => {
    const seen = identify(site, request, reply)
    if (!seen) return reply.redirect('/login')
    const { username, number, obtainedAt } = seen.session
    const me = { username, sessionNumber: number, obtainedAt: obtainedAt.toISOString() }
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
    // Where the device counts, the cookie alone gives a page on which nobody is signed in yet.
    return reply.send(site.personality().requireDeviceId ? homePage() : homePage(me))
  })

  app.get('/api/me', (request, reply) => {
    const seen = identify(site, request, reply)
    const isKnownDevice =
      !site.personality().requireDeviceId || request.headers['x-device-id'] === seen?.deviceId
    reply.header('cache-control', 'no-store')
    if (!seen || !isKnownDevice) return reply.code(401).send({ error: 'not signed in' })
    const { username, number, obtainedAt } = seen.session
    return reply.send({ username, sessionNumber: number, obtainedAt: obtainedAt.toISOString() })
  })

  for (const [name, type] of Object.entries(assetTypes)) {
    app.get(`/assets/${name}`, async (_request, reply) =>
      reply.type(type).send(await readFile(new URL(`./assets/${name}`, import.meta.url))),
    )
  }
}
