import type { FastifyReply } from 'fastify'
import type { Clock } from '../../session/ports/clock.ts'
import type { MirroredSession, SessionMirror } from '../../session/session-mirror.ts'
import { eventOf, markOf } from './session-changes.ts'

/** How long a client may leave its connection full. */
const longestStallMs = 30_000

export interface EventStream {
  tell(session: MirroredSession): void
  /** Ends it; the client should come back after `retryMs`. One that does not read is cut off when the server closes. */
  end(retryMs: number): void
}

interface StreamOptions {
  names: readonly string[]
  mirror: Pick<SessionMirror, 'get'>
  clock: Clock
}

/**
 * One client's stream. What waits for a slow client is not a queue of events but the names of sessions that have news: the
 * newest state of each is read when it can be sent. So a stalled client costs one connection's buffer, and not for long.
 */
export function openEventStream(reply: FastifyReply, options: StreamOptions): EventStream {
  const { sse, raw } = reply
  const { names, mirror, clock } = options
  const visible: ReadonlySet<string> = new Set(names)
  const waiting = new Set(names)
  const told = new Map<string, string>()
  const closed = new AbortController()
  let isSending = false
  raw.once('close', () => closed.abort())
  sse.keepAlive()

  async function sendWaiting(): Promise<void> {
    if (isSending) return
    isSending = true
    for (const name of waiting) {
      waiting.delete(name)
      const session = mirror.get(name)
      if (told.get(name) === markOf(session)) continue
      told.set(name, markOf(session))
      await send(session)
      if (!sse.isConnected) return
    }
    isSending = false
  }

  async function send(session: MirroredSession): Promise<void> {
    const stalled = new AbortController()
    const sent = sse.send({ event: 'session', id: session.version, data: eventOf(session) })
    const isFull = raw.writableNeedDrain
    if (isFull) {
      const signal = AbortSignal.any([stalled.signal, closed.signal])
      void clock.wait(longestStallMs, signal).then(() => signal.aborted || raw.destroy())
    }
    await sent.catch(() => undefined)
    stalled.abort()
  }

  function tell({ definition: { session } }: MirroredSession): void {
    if (!visible.has(session)) return
    waiting.add(session)
    void sendWaiting()
  }

  function end(retryMs: number): void {
    if (!sse.isConnected) return
    void sse.send({ data: undefined, retry: retryMs }).catch(() => undefined)
    sse.close()
  }

  reply.header('cache-control', 'no-store')
  sse.sendHeaders()
  // An empty answer would look to some clients as if nothing had come back.
  raw.write(': welcome\n\n')
  void sendWaiting()
  return { tell, end }
}
