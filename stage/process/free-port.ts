import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port that nobody listens on at this moment; whoever takes it must be ready for having lost it by then. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error(`no free port on ${host}`)
  return address.port
}
