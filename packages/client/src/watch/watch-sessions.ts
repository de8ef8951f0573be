import { ProblemError, type SessionEvent } from '@session-broker/shared'
import { UnexpectedAnswerError } from '../broker-errors.ts'
import type { Transport } from '../call-broker.ts'
import { type BackOffOptions, createBackOff, waitFor } from '../waiting.ts'
import { isFinal } from './final-problems.ts'
import type { Polling } from './poll-session.ts'
import { pollSessions } from './poll-sessions.ts'
import { readEventStream, type StreamTiming } from './read-event-stream.ts'

export interface WatchOptions {
  /** One name or several; left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | readonly string[] | undefined
  signal: AbortSignal
  /** For a log: how the events come now. Called when that changes. */
  onLink?: ((link: Link) => void) | undefined
}

export interface Link {
  /** away: not at all; the client goes on trying. */
  by: 'events' | 'polling' | 'away'
  /** Origin of the replica. */
  broker: string
  reason?: string
}

export interface Watching extends Transport, StreamTiming, Polling, Naming {
  reconnect: Pick<BackOffOptions, 'firstMs' | 'longestMs'>
  /** A stream that held for so long counts as a good one: the next reconnect is quick again. */
  steadyMs: number
  /** How long to poll before a stream is tried again. */
  pollForMs: number
}

/** lost: try again, elsewhere. unusable: the broker is there, and events do not come through. */
type WatchEnd = 'lost' | 'unusable'

/**
 * The state of each session on connect, then every change; after a reconnect the present state again, so that
 * nothing stays unseen. Goes on through broken connections, restarts and replicas until the signal is aborted, and
 * then ends quietly. Throws only a `ProblemError` that no waiting mends (a wrong key, an unknown session).
 */
export async function* watchSessions(
  watching: Watching,
  options: WatchOptions,
): AsyncGenerator<SessionEvent, void> {
  const { random, steadyMs, reconnect, replicas } = watching
  const { signal, onLink } = options
  const tell = once(onLink)
  const sessions =
    options.session === undefined ? await nameSession(watching, { signal, tell }) : options.session
  const follow = { sessions: [sessions].flat(), signal, tell }
  const backOff = createBackOff({ ...reconnect, random })
  let unusable = 0
  while (!follow.signal.aborted) {
    const startedAt = performance.now()
    const replica = replicas.current()
    const end = yield* followStream(watching, replica, follow)
    unusable = end === 'unusable' ? unusable + 1 : 0
    if (unusable >= replicas.count) yield* pollForAWhile(watching, follow)
    else replicas.moveOn(replica)
    if (performance.now() - startedAt >= steadyMs) backOff.reset()
    await waitFor(backOff.nextMs(), follow.signal).catch(() => undefined)
  }
}

interface Naming {
  summary: (session: undefined, signal: AbortSignal) => Promise<{ session: string }>
}

/** Events name their session, so the one that the broker takes by itself has to be known first. */
async function nameSession(
  { summary, reconnect, random, replicas }: Watching,
  { signal, tell }: Pick<Follow, 'signal' | 'tell'>,
): Promise<string[]> {
  const backOff = createBackOff({ ...reconnect, random })
  while (!signal.aborted) {
    try {
      return [(await summary(undefined, signal)).session]
    } catch (error) {
      if (isFinal(error)) throw error
      if (!signal.aborted) tell({ by: 'away', broker: replicas.current().origin, reason: messageOf(error) })
    }
    await waitFor(backOff.nextMs(), signal).catch(() => undefined)
  }
  return []
}

interface Follow {
  sessions: readonly string[]
  signal: AbortSignal
  tell: (link: Link) => void
}

async function* followStream(
  watching: Watching,
  replica: URL,
  { sessions, signal, tell }: Follow,
): AsyncGenerator<SessionEvent, WatchEnd> {
  const broker = replica.origin
  const onConnected = () => tell({ by: 'events', broker })
  try {
    const end = yield* readEventStream(watching, { replica, sessions, signal, onConnected })
    if (end === 'held_back') return 'unusable'
    if (!signal.aborted) tell({ by: 'away', broker, reason: 'the event stream was cut' })
    return 'lost'
  } catch (error) {
    if (isFinal(error)) throw error
    if (error instanceof UnexpectedAnswerError || isNoStream(error)) return 'unusable'
    tell({ by: 'away', broker, reason: messageOf(error) })
    return 'lost'
  }
}

function isNoStream(error: unknown): boolean {
  return error instanceof ProblemError && ['route_unknown', 'method_not_allowed'].includes(error.code)
}

async function* pollForAWhile(
  watching: Watching,
  { sessions, signal, tell }: Follow,
): AsyncGenerator<SessionEvent, void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(watching.pollForMs)])
  const broker = watching.replicas.current().origin
  tell({ by: 'polling', broker, reason: 'its events do not come through' })
  try {
    yield* pollSessions(watching, { sessions, signal: until })
  } catch (error) {
    if (isFinal(error)) throw error
    tell({ by: 'away', broker, reason: messageOf(error) })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the connection failed'
}

/** Says only what differs from what was said last: a broker that stays away is one line in a log. */
function once(onLink: WatchOptions['onLink']): (link: Link) => void {
  let last: Link | undefined
  return (link) => {
    if (last?.by === link.by && (link.by === 'away' || last.broker === link.broker)) return
    last = link
    onLink?.(link)
  }
}
