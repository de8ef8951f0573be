import type { FastifyReply, FastifyRequest } from 'fastify'
import type { NoteAnswer } from '../metrics/answer-times.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import type { ReadyAnswer } from './ready-answers.ts'

/**
 * Writes ready answers straight to the connection, past the framework's serialising, and counts them itself: this
 * is the road that every worker takes all the time.
 */
export function createReadyWriter(metrics: HttpMetrics, route: string) {
  const notes = {
    GET: { 200: noteOf('GET', 200), 304: noteOf('GET', 304) },
    HEAD: { 200: noteOf('HEAD', 200), 304: noteOf('HEAD', 304) },
  } as const

  function noteOf(method: string, status: number): NoteAnswer {
    return metrics.answers({ method, route, status })
  }

  return function writeReady(
    request: FastifyRequest,
    reply: FastifyReply,
    {
      status,
      answer,
      extra,
    }: { status: 200 | 304; answer: ReadyAnswer; extra?: readonly string[] | undefined },
  ): void {
    const headers = status === 200 ? answer.headers : answer.notModifiedHeaders
    const { raw } = reply.hijack()
    raw.writeHead(status, extra ? [...headers, ...extra] : headers)
    if (status === 200) raw.end(answer.body)
    else raw.end()
    notes[request.method === 'HEAD' ? 'HEAD' : 'GET'][status](performance.now() - request.arrivedAtMs)
  }
}
