import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Request {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** A site that does as the test says, and remembers what it was asked. Each address of 127/8 is a host of its own. */
export async function startPlainSite(
  answer: (response: ServerResponse, request: Request) => unknown,
  host = '127.0.0.1',
) {
  const seen: Request[] = []
  let current = answer
  const server = createServer(async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const { method = '', url: path = '', headers } = incoming
    const request = { method, path, headers, body }
    seen.push(request)
    await current(response, request)
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    host,
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    seen,
    answer(next: typeof answer) {
      current = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
