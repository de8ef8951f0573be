import type { Agent } from 'node:http'
import {
  type CaptureResult,
  type RefreshResult,
  type SessionEvent,
  type SessionSummary,
  sessionListSchema,
  sessionSummarySchema,
  type WorkerReport,
  type WorkerStatus,
  type WriterResult,
  workerListSchema,
  writerResultSchema,
} from '@session-broker/shared'
import { askRefresh, type RefreshOptions } from './ask-refresh.ts'
import { UnexpectedAnswerError } from './broker-errors.ts'
import { type CallBroker, createCaller } from './call-broker.ts'
import { createOperationFollower } from './follow-operation.ts'
import { openConnections } from './http/open-connections.ts'
import { type PutCookiesOptions, putCookies, type WriteBackOptions, writeBack } from './put-cookies.ts'
import {
  type CookiesAnswer,
  type CookiesOptions,
  type CurrentSession,
  createCookiesReader,
} from './read-cookies.ts'
import { createReplicas } from './replicas.ts'
import { defaultTiming, type Timing } from './timing.ts'
import { type WatchOptions, watchSessions } from './watch/watch-sessions.ts'

export interface BrokerClientOptions {
  /** Where the broker is; of several replicas, another is taken when one fails. */
  url: string | readonly string[]
  /** `sb_…`; it goes into the Authorization header and nowhere else. */
  key: string
  /** For all calls that name none; left out: the only one that the key sees, or the one called `default`. */
  session?: string | undefined
  /** Of node:http or node:https, for a proxy or a private CA; left out: one of its own, which `close` ends. */
  agent?: Agent | undefined
  timing?: Partial<Timing> | undefined
  /** Evenly spread in [0, 1): the jitter. */
  random?: (() => number) | undefined
}

/**
 * The broker's HTTP API for programs. Each call is bounded in time, takes an AbortSignal, moves on to another replica
 * when one fails, and throws a `ProblemError` (the broker's own code), a `BrokerUnreachableError` or an
 * `UnexpectedAnswerError`; none of them holds the key.
 */
export interface BrokerClient {
  /** The newest state; where there is none yet, the first login is waited for. Scope read (refresh for that login). */
  cookies(options?: CookiesOptions & { ifNoneMatch?: undefined }): Promise<CurrentSession>
  cookies(options: CookiesOptions): Promise<CookiesAnswer>
  /** Publishes what a person has signed in to by hand; scope write. */
  putCookies(options: PutCookiesOptions): Promise<CaptureResult & { etag: string }>
  /** Gives back what a Chrome has made of the session, as its next revision; scope write. */
  writeBack(options: WriteBackOptions): Promise<CaptureResult & { etag: string }>
  /** Says which of several workers writes a session back: this one, where no other does; scope write. */
  electWriter(options: ElectWriterOptions): Promise<WriterResult>
  /** Says that a generation was seen signed out. The broker looks itself, and logs in once for everybody. Scope refresh. */
  refresh(options?: RefreshOptions): Promise<RefreshResult>
  /** Everything about a session but its secrets; scope read. */
  summary(session?: string, signal?: AbortSignal): Promise<SessionSummary>
  /** The same of all sessions that the key sees. */
  sessions(signal?: AbortSignal): Promise<SessionSummary[]>
  /** The last report of each worker. */
  workers(signal?: AbortSignal): Promise<WorkerStatus[]>
  /**
   * What workers tell of themselves.
   * @param report a function is asked anew for each try: the report tells how long ago something was
   */
  report(workerId: string, report: WorkerReport | (() => WorkerReport), signal?: AbortSignal): Promise<void>
  /** What a session is now, and every change, until the signal is aborted; never with cookies. Scope read. */
  watch(options: WatchOptions): AsyncGenerator<SessionEvent, void>
  /** Ends its connections; calls under way fail. */
  close(): Promise<void>
}

export interface ElectWriterOptions {
  /** Left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | undefined
  worker: string
  /** It has nothing more to write. */
  release?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** The broker’s API for programs, over HTTP. One client serves a whole program. */
export function createBrokerClient(options: BrokerClientOptions): BrokerClient {
  const { key, random = Math.random } = options
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('the key is empty or holds characters that no key has')
  const replicas = createReplicas(options.url, random)
  const connections = openConnections(options.agent)
  const timing = { ...defaultTiming, ...options.timing }
  const transport = { replicas, connections, key, random, ...timing }
  const call = createCaller(transport)
  const followOperation = createOperationFollower({
    call,
    random,
    everyMs: timing.operationEveryMs,
    withinMs: timing.operationWithinMs,
  })
  const named = <T extends { session?: string | undefined }>(given: T): T => ({
    ...given,
    session: given.session ?? options.session,
  })
  const cookies = createCookiesReader({ call, followOperation }, options.session)
  const { summary, ...others } = readings(call)
  const summaryOf: BrokerClient['summary'] = (session = options.session, signal) => summary(session, signal)
  return {
    cookies,
    putCookies: (given) => putCookies(call, named(given)),
    writeBack: (given) => writeBack(call, named(given)),
    electWriter: (given) => electWriter(call, named(given)),
    refresh: (given = {}) => askRefresh({ call, followOperation }, named(given)),
    watch: (given) =>
      watchSessions(
        { ...transport, cookies, summary: summaryOf },
        { ...given, session: given.session ?? options.session },
      ),
    summary: summaryOf,
    ...others,
    async close() {
      connections.close()
    },
  }
}

function readings(call: CallBroker): Pick<BrokerClient, 'summary' | 'sessions' | 'workers' | 'report'> {
  return {
    async summary(session, signal) {
      const { body } = await call({ method: 'GET', path: 'session', query: { session }, signal })
      return understood(sessionSummarySchema, body)
    },
    async sessions(signal) {
      const { body } = await call({ method: 'GET', path: 'sessions', signal })
      return understood(sessionListSchema, body).sessions
    },
    async workers(signal) {
      const { body } = await call({ method: 'GET', path: 'workers', signal })
      return understood(workerListSchema, body).workers
    },
    async report(workerId, report, signal) {
      await call({
        method: 'POST',
        path: `workers/${encodeURIComponent(workerId)}/report`,
        body: report,
        signal,
      })
    },
  }
}

async function electWriter(
  call: CallBroker,
  { session, worker, release, signal }: ElectWriterOptions,
): Promise<WriterResult> {
  const { body } = await call({
    method: 'POST',
    path: 'session/writer',
    query: { session },
    body: { worker, ...(release && { release }) },
    signal,
  })
  return understood(writerResultSchema, body)
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false }
}

function understood<T>(schema: Schema<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (!parsed.success)
    throw new UnexpectedAnswerError('the broker answered in a form that this client does not know')
  return parsed.data
}
