import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** How long clients have to take their last answers. */
const hangUpMs = 2_000
/** How long what was cut off may take to be gone. */
const goneMs = 500

/** Closes it within a bound: whoever has sent half a request, or does not take an answer, is cut off. */
export async function closeHttpServer(app: Pick<FastifyInstance, 'close' | 'server'>): Promise<void> {
  const closed = app.close()
  await Promise.race([closed, delay(hangUpMs, undefined, { ref: false })])
  app.server.closeAllConnections()
  // A connection that has not even spoken TLS is not known here: it ends with the process.
  await Promise.race([closed, delay(goneMs, undefined, { ref: false })])
}
