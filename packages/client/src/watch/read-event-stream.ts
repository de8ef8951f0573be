import { type SessionEvent, sessionEventSchema } from '@session-broker/shared'
import { createParser } from 'eventsource-parser'
import { UnexpectedAnswerError } from '../broker-errors.ts'
import { parseJson, requestHeaders, type Transport, throwProblem, translate, urlOf } from '../call-broker.ts'
import { readText, sendRequest } from '../http/send-request.ts'

export interface StreamTiming {
  /** The broker tells the present state on connect: no byte by then means that something on the way holds them back. */
  firstByteWithinMs: number
  /** Without a byte (a heartbeat is one) for so long, the connection is taken for dead. */
  silentMs: number
}

export interface Streaming {
  replica: URL
  /** One is asked for by name; for several, the stream of all that the key may see is taken. */
  sessions: readonly string[]
  signal: AbortSignal
  /** The first byte has come. */
  onConnected: () => void
}

/** held_back: connected, and nothing came. cut: it ended, or fell silent. */
export type StreamEnd = 'held_back' | 'cut'

/** An event is some hundred bytes. */
const maxEventChars = 64 * 1024

/**
 * `GET /session/events` of one replica, until the connection ends.
 *
 * Throws a `ProblemError` or an `UnexpectedAnswerError` for what was answered instead of a stream, and a
 * `BrokerUnreachableError` where nothing was. Ends quietly when the signal is aborted.
 */
export async function* readEventStream(
  transport: Transport & StreamTiming,
  { replica, sessions, signal, onConnected }: Streaming,
): AsyncGenerator<SessionEvent, StreamEnd> {
  const silence = createSilenceGuard(signal)
  let anyByte = false
  const onChunk = () => {
    if (!anyByte) onConnected()
    anyByte = true
  }
  try {
    silence.expectWithin(transport.firstByteWithinMs)
    const body = await connect(transport, { replica, sessions, signal: silence.signal, onConnected })
    const parse = createEventReader(sessions)
    for await (const chunk of guarded(body, silence, transport)) {
      onChunk()
      yield* parse(chunk)
    }
    return anyByte ? 'cut' : 'held_back'
  } catch (error) {
    if (signal.aborted || anyByte) return 'cut'
    if (silence.signal.aborted) return 'held_back'
    throw translate(error, replica)
  } finally {
    silence.end()
  }
}

/** Bounds the wait for each chunk, and not the time that whoever reads the events takes. */
async function* guarded(
  body: AsyncIterable<Uint8Array>,
  silence: ReturnType<typeof createSilenceGuard>,
  { firstByteWithinMs, silentMs }: StreamTiming,
): AsyncGenerator<Uint8Array> {
  silence.expectWithin(firstByteWithinMs)
  for await (const chunk of body) {
    silence.expectNothing()
    yield chunk
    silence.expectWithin(silentMs)
  }
}

async function connect(
  { connections, key }: Transport,
  { replica, sessions, signal }: Streaming,
): Promise<AsyncIterable<Uint8Array>> {
  const headers = requestHeaders(key, { headers: { accept: 'text/event-stream' } })
  const url = urlOf(replica, {
    path: 'session/events',
    query: { session: sessions.length === 1 ? sessions[0] : undefined },
  })
  const response = await sendRequest({ method: 'GET', url, headers, connections, signal })
  const { statusCode: status = 0, headers: got } = response
  if (status === 200 && got['content-type']?.startsWith('text/event-stream')) return response
  throwProblem({ status, body: parseJson(await readText(response, signal)) }, replica)
  throw new UnexpectedAnswerError(`${replica.origin} answered a request for events with no stream`)
}

function createEventReader(sessions: readonly string[]): (chunk: Uint8Array) => SessionEvent[] {
  const decoder = new TextDecoder()
  let events: SessionEvent[] = []
  const parser = createParser({
    maxBufferSize: maxEventChars,
    onEvent({ event, data }) {
      if (event !== undefined && event !== 'session') return
      const parsed = sessionEventSchema.safeParse(parseJson(data))
      // What this version does not understand is for a later one.
      if (parsed.success && sessions.includes(parsed.data.session)) events.push(parsed.data)
    },
  })
  return (chunk) => {
    events = []
    parser.feed(decoder.decode(chunk, { stream: true }))
    return events
  }
}

function createSilenceGuard(outer: AbortSignal) {
  const silence = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const expectNothing = () => clearTimeout(timer)
  return {
    signal: AbortSignal.any([outer, silence.signal]),
    expectWithin(ms: number) {
      expectNothing()
      timer = setTimeout(() => silence.abort(), ms)
    },
    expectNothing,
    /** Ends the request as well, where it still runs. */
    end() {
      expectNothing()
      silence.abort()
    },
  }
}
