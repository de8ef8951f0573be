import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpMetrics, NoteAnswer } from '../metrics/http-metrics.ts'
import type { ReadyAnswer } from './ready-answers.ts'

/**
 * Writes ready answers straight to the connection, past the framework's serialising, and counts them itself: this
 * is the road that every worker takes all the time.
 */
export function createReadyWriter(metrics: HttpMetrics, route: string) {
  const notes = new Map<string, NoteAnswer>()

  function note({ method, arrivedAtMs }: FastifyRequest, status: 200 | 304): void {
    const name = method + status
    const noteAnswer = notes.get(name) ?? metrics.answers({ method, route, status })
    notes.set(name, noteAnswer)
    noteAnswer(performance.now() - arrivedAtMs)
  }

  return function writeReady(
    request: FastifyRequest,
    reply: FastifyReply,
    { status, answer, extra }: { status: 200 | 304; answer: ReadyAnswer; extra?: readonly string[] },
  ): void {
    const headers = status === 200 ? answer.headers : answer.notModifiedHeaders
    const { raw } = reply.hijack()
    raw.writeHead(status, extra ? [...headers, ...extra] : headers)
    if (status === 200) raw.end(answer.body)
    else raw.end()
    note(request, status)
  }
}
