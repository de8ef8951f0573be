import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorCode, type IssuedSession, type SessionEvent, toProblem } from '@session-broker/shared'

export interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export type Script = (response: ServerResponse, seen: Seen) => unknown

/** A server on a free port that answers as the test says, and remembers what it was asked. */
export async function startScriptedBroker(script: Script) {
  const seen: Seen[] = []
  let current = script
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
    seen.push(one)
    await current(response, one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    answer(next: Script) {
      current = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body))
}

export function problem(response: ServerResponse, code: ErrorCode, detail = 'because the test says so') {
  const body = toProblem({ code, message: detail })
  response.writeHead(body.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body))
}

export function openStream(response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  return {
    send: (event: SessionEvent) => response.write(`event: session\ndata: ${JSON.stringify(event)}\n\n`),
    heartbeat: () => response.write(': still here\n\n'),
    write: (text: string) => response.write(text),
    cut: () => response.destroy(),
  }
}

export function eventOf(generation: number, over: Partial<SessionEvent> = {}): SessionEvent {
  return { session: 'amazon', generation, revision: 0, status: 'live', ...over }
}

export function issued(generation: number, over: Partial<IssuedSession> = {}): IssuedSession {
  return {
    session: 'amazon',
    generation,
    revision: 0,
    obtainedAt: new Date(Date.UTC(2026, 0, generation)).toISOString(),
    expiresAt: null,
    userAgent: 'Mozilla/5.0',
    cookies: [],
    origins: [],
    ...over,
  }
}

export async function until(holds: () => boolean, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > end) throw new Error('it did not come to hold in time')
    await sleep(5)
  }
}
