import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Connections } from './open-connections.ts'

export interface HttpRequest {
  method: string
  url: URL
  headers: Readonly<Record<string, string>>
  body?: string | undefined
  connections: Connections
  /** Ends the request, and the reading of its answer. */
  signal: AbortSignal
}

const connectMs = 5_000

/**
 * One request; resolves with the head of the answer, its body still to be read.
 * @throws the signal's reason; what node:net tells of the connection, as it is
 */
export function sendRequest(sent: HttpRequest): Promise<IncomingMessage> {
  const { method, url, headers, body, connections, signal } = sent
  const isSecure = url.protocol === 'https:'
  const send = isSecure ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const request = send(url, {
      ...{ method, signal, agent: isSecure ? connections.https : connections.http },
      headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    })
    request.on('error', (error) => reject(signal.aborted ? signal.reason : error))
    request.once('response', resolve)
    const inTime = setTimeout(() => {
      if (!request.socket?.connecting) return
      request.destroy(Object.assign(new Error('the connection took too long'), { code: 'ETIMEDOUT' }))
    }, connectMs)
    request.once('close', () => clearTimeout(inTime))
    request.end(body)
  })
}

/** @throws the signal's reason; ECONNRESET where the answer ended half-way */
export async function readText(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
