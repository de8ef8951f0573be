import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'

const files = {
  '/console': ['console.html', 'text/html; charset=utf-8'],
  '/console/console.js': ['console.js', 'text/javascript; charset=utf-8'],
  '/console/console.css': ['console.css', 'text/css; charset=utf-8'],
} as const

/** The page's own files, the broker itself, and the pictures that it hands over. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page at `/console` on which a person answers what a site asks. It knows nothing until somebody gives it a key. */
export async function serveConsole(app: FastifyInstance): Promise<void> {
  for (const [url, [name, type]] of Object.entries(files)) {
    const content = await readFile(new URL(`assets/${name}`, import.meta.url))
    app.get(url, { schema: { hide: true } }, (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', contentSecurityPolicy)
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache')
        .send(content),
    )
  }
}
