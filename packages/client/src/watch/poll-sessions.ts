import type { SessionEvent } from '@session-broker/shared'
import { type Polling, pollSession } from './poll-session.ts'

/**
 * Long polling, where events cannot be had: `If-None-Match` with `Prefer: wait`, each session for itself. Goes on
 * until the signal is aborted; throws when the broker is away or has a final answer.
 */
export async function* pollSessions(
  polling: Polling,
  { sessions, signal }: { sessions: readonly string[]; signal: AbortSignal },
): AsyncGenerator<SessionEvent, void> {
  const stop = new AbortController()
  const until = AbortSignal.any([signal, stop.signal])
  const events: SessionEvent[] = []
  let wake = () => {}
  const ends = sessions.map((session) =>
    pollSession(polling, session, {
      signal: until,
      alone: sessions.length === 1,
      tell(event) {
        events.push(event)
        wake()
      },
    }),
  )
  const ended = Promise.all(ends)
  ended.catch(() => undefined)
  try {
    while (!signal.aborted) {
      const more = new Promise<void>((resolve) => {
        wake = resolve
      })
      yield* events.splice(0)
      if (events.length === 0) await Promise.race([more, ended])
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stop.abort()
    await Promise.allSettled(ends)
  }
}
