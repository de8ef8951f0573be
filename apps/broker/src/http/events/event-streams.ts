import { ProblemError } from '@session-broker/shared'
import type { FastifyReply } from 'fastify'
import type { MirroredSession } from '../../session/session-mirror.ts'
import type { RouteContext } from '../routes/route-context.ts'
import { type EventStream, openEventStream } from './event-stream.ts'

/** More would be somebody's mistake; each costs some tens of kilobytes. */
const mostStreams = 10_000

type Needs = Pick<RouteContext, 'mirror' | 'clock' | 'stopping' | 'metrics'>

/** All open event streams of this broker. */
export function createEventStreams({ mirror, clock, stopping, metrics }: Needs) {
  const streams = new Set<EventStream>()
  const unfollow = mirror.onChange((session: MirroredSession) => {
    for (const stream of streams) stream.tell(session)
  })

  /** @throws ProblemError `shutting_down`, `overloaded`. */
  function open(reply: FastifyReply, names: readonly string[]): void {
    if (stopping.aborted) throw new ProblemError('shutting_down', 'this broker is stopping')
    if (streams.size >= mostStreams) throw new ProblemError('overloaded', 'too many event streams are open')
    const stream = openEventStream(reply, { names, mirror, clock })
    streams.add(stream)
    metrics.noteEventStream(1)
    reply.sse.onClose(() => {
      streams.delete(stream)
      metrics.noteEventStream(-1)
    })
  }

  /** Ends every stream; each client is told when to come back, all at different times. */
  function close(): void {
    unfollow()
    for (const stream of [...streams]) stream.end(Math.round(1_000 + 4_000 * clock.random()))
  }

  return { open, close }
}
