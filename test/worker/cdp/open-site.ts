import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site {
  port: number
  /** `http://{host}:{port}`; every name under localhost leads to this site. */
  at(host: string): string
  /** What was asked for, oldest first. */
  requests: { host: string; path: string; cookies: Map<string, string> }[]
}

/** A site on 127.0.0.1 that answers by `answer`; what it leaves open is an empty page. */
export async function openSite(
  t: { teardown(end: () => unknown): unknown },
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void> = () => {},
): Promise<Site> {
  const requests: Site['requests'] = []
  const server = createServer(async (request, response) => {
    const [host = ''] = (request.headers.host ?? '').split(':')
    requests.push({ host, path: request.url ?? '', cookies: cookiesOf(request) })
    response.setHeader('content-type', 'text/html; charset=utf-8')
    await answer(request, response)
    // A string would be joined to the headers and take them along into UTF-8.
    if (!response.writableEnded) response.end(Buffer.from('<!doctype html><title>site</title>'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { port, at: (host) => `http://${host}:${port}`, requests }
}

export function cookiesOf({ headers }: IncomingMessage): Map<string, string> {
  const pairs = (headers.cookie ?? '').split('; ').filter((pair) => pair !== '')
  return new Map(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]))
}
