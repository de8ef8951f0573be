import Fastify from 'fastify'
import { sampleBody } from '../sample-state.ts'
import { serveUntilTold } from './serve-until-told.ts'

/** As little as Fastify can do: one route, one constant buffer. */
const app = Fastify()
app.get('/session/cookies', (_request, reply) => {
  reply.header('content-type', 'application/json; charset=utf-8').send(sampleBody)
})
await serveUntilTold(app, { etag: '"none"' })
