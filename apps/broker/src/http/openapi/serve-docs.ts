import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** The page's own files and the broker itself, nothing else; React sets styles by attribute. */
const contentSecurityPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': "'self'",
  'font-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
}

/** Swagger UI at `/docs`, and the description it shows at `/openapi.json`. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: contentSecurityPolicy,
    // The key that was typed lives as long as the page.
    uiConfig: {
      layout: 'BaseLayout',
      persistAuthorization: false,
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
    theme: { title: 'session-broker' },
  })
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    reply.type('application/json').send(Buffer.from(JSON.stringify(app.swagger())))
  })
}
