import type { Socket } from 'node:net'
import { toProblem } from '@session-broker/shared'

const problem = JSON.stringify(
  toProblem({ code: 'request_invalid', message: 'this is not a valid HTTP request' }),
)

/** What is not HTTP has no reply to send a problem with: the answer is written to the connection itself. */
export function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  const isGone = error.code === 'ECONNRESET' || !socket.writable
  if (!isGone) socket.write(answerTo(error.code))
  socket.destroy()
}

function answerTo(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return bare('431 Request Header Fields Too Large')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return bare('408 Request Timeout')
  const head = `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(problem)}`
  return `HTTP/1.1 400 Bad Request\r\nConnection: close\r\n${head}\r\n\r\n${problem}`
}

function bare(status: string): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
}
