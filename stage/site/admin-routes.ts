import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Personality } from './personality.ts'
import { readStats } from './read-stats.ts'
import type { SiteContext } from './site-context.ts'

export const adminPrefix = '/_admin/'

/** For other processes: the counters, and the strings to pull. Answers 404 without the token. */
export function adminRoutes(app: FastifyInstance, site: SiteContext, token: string): void {
  const expected = hash(`Bearer ${token}`)
  app.register(async (admin) => {
    admin.addHook('onRequest', async (request, reply) => {
      const isAllowed = timingSafeEqual(hash(request.headers.authorization ?? ''), expected)
      if (!isAllowed) return reply.callNotFound()
    })
    admin.get('/_admin/stats', () => readStats(site))
    admin.get('/_admin/sessions', () => site.sessions.list())
    admin.post('/_admin/kill-sessions', () => ({ killed: site.sessions.killAll() }))
    admin.post<{ Body: Partial<Personality> }>('/_admin/personality', ({ body }) => {
      site.change(body)
      return site.personality()
    })
    admin.post<{ Body: { username: string; password: string } }>('/_admin/password', ({ body }) => {
      site.accounts.set(body.username, body.password)
      return {}
    })
  })
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
