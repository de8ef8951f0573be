import type { IncomingMessage } from 'node:http'
import { type ErrorCode, fromProblem, ProblemError, problemSchema } from '@session-broker/shared'
import { BrokerUnreachableError, describeNetworkFailure, UnexpectedAnswerError } from './broker-errors.ts'
import type { Connections } from './http/open-connections.ts'
import { readText, sendRequest } from './http/send-request.ts'
import type { Replicas } from './replicas.ts'
import { waitFor } from './waiting.ts'

export interface CallOptions {
  method: 'GET' | 'POST' | 'PUT'
  /** Without a leading slash, e.g. `session/cookies`. */
  path: string
  query?: Record<string, string | undefined>
  headers?: Record<string, string | undefined>
  /** A function is asked anew for each try. */
  body?: unknown
  /** How long the broker may take by what was asked of it (`Prefer: wait`), beyond the usual. */
  waitSeconds?: number
  /** How long the broker may take by itself, beyond the usual. */
  withinSeconds?: number
  /** Another replica is asked only where this one has surely done nothing. */
  isOnce?: boolean
  signal: AbortSignal | undefined
}

export interface Answer {
  status: number
  header(name: string): string | undefined
  /** Parsed JSON; undefined where there is none. */
  body: unknown
}

export type CallBroker = (options: CallOptions) => Promise<Answer>

export interface Transport {
  replicas: Replicas
  connections: Connections
  key: string
  random: () => number
  /** How long an answer may take that the broker gives at once. */
  answerWithinMs: number
}

/** Answers that say "not this replica, now", and nothing of what was asked. */
const anotherMayDo: ReadonlySet<ErrorCode> = new Set(['store_unavailable', 'overloaded', 'shutting_down'])

/**
 * One request to the broker. What a client asks may be asked again safely, unless it says otherwise, so a replica that cannot be
 * reached or is not ready is left for the next one; each is tried once, a single one twice (its idle connection may have
 * been closed under way).
 *
 * Throws a `ProblemError` with the broker's code, an `UnexpectedAnswerError`, a `BrokerUnreachableError`, or the reason
 * of `signal`.
 */
export function createCaller(transport: Transport): CallBroker {
  const { replicas, random } = transport
  return async (options) => {
    const signal = options.signal ?? new AbortController().signal
    const tries = Math.max(2, replicas.count)
    for (let tried = 1; ; tried++) {
      signal.throwIfAborted()
      const replica = replicas.current()
      try {
        return await askOne(transport, replica, { ...options, signal })
      } catch (error) {
        signal.throwIfAborted()
        if (!mayMoveOn(error, options)) throw error
        replicas.moveOn(replica)
        if (tried >= tries) throw error
        await waitFor(random() * 100, signal)
      }
    }
  }
}

function mayMoveOn(error: unknown, { isOnce = false }: CallOptions): boolean {
  // Of what must not happen twice, only a broker that has not begun it.
  if (isOnce) return error instanceof ProblemError && error.code === 'overloaded'
  if (error instanceof ProblemError) return anotherMayDo.has(error.code)
  return error instanceof BrokerUnreachableError || error instanceof UnexpectedAnswerError
}

async function askOne(transport: Transport, replica: URL, options: CallOptions): Promise<Answer> {
  const { method, waitSeconds = 0, withinSeconds = 0 } = options
  const body: unknown = typeof options.body === 'function' ? options.body() : options.body
  const boundMs = transport.answerWithinMs + Math.max(waitSeconds, withinSeconds) * 1000
  const signal = AbortSignal.any([...(options.signal ? [options.signal] : []), AbortSignal.timeout(boundMs)])
  const headers = { ...requestHeaders(transport.key, options), accept: 'application/json' }
  try {
    const response = await sendRequest({
      ...{ method, headers, signal, url: urlOf(replica, options), connections: transport.connections },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const answer = toAnswer(response, await readText(response, signal))
    throwProblem(answer, replica)
    return answer
  } catch (error) {
    throw translate(error, replica)
  }
}

/** `{ authorization, prefer, content-type, … }`; what is undefined is left out. */
export function requestHeaders(
  key: string,
  { headers = {}, body, waitSeconds }: Pick<CallOptions, 'headers' | 'body' | 'waitSeconds'>,
): Record<string, string> {
  const all = {
    ...headers,
    authorization: `Bearer ${key}`,
    prefer: waitSeconds === undefined ? undefined : `wait=${waitSeconds}`,
    'content-type': body === undefined ? undefined : 'application/json',
  }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

export function urlOf(replica: URL, { path, query = {} }: Pick<CallOptions, 'path' | 'query'>): URL {
  const url = new URL(path, replica)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url
}

function toAnswer({ statusCode: status = 0, headers }: IncomingMessage, text: string): Answer {
  const header = (name: string) => [headers[name] ?? []].flat()[0]
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(header('content-type') ?? '')
  return { status, header, body: isJson && text !== '' ? parseJson(text) : undefined }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws what an answer of 400 and above stands for. */
export function throwProblem({ status, body }: Pick<Answer, 'status' | 'body'>, replica: URL): void {
  if (status < 300 || status === 304) return
  const problem = problemSchema.safeParse(body)
  if (problem.success) throw fromProblem(problem.data)
  throw new UnexpectedAnswerError(`${replica.origin} answered ${status}, and not as a session-broker does`)
}

export function translate(error: unknown, replica: URL): unknown {
  if (error instanceof ProblemError || error instanceof UnexpectedAnswerError) return error
  const why = describeNetworkFailure(error)
  return new BrokerUnreachableError(`the broker at ${replica.origin} cannot be reached: ${why}`, {
    cause: error,
  })
}
