import type {
  Cookie,
  IssuedSession,
  RefreshResult,
  SessionEvent,
  SessionSummary,
  WorkerReport,
  WriterResult,
} from '@session-broker/shared'

export type CookiesAnswer = { kind: 'session'; session: IssuedSession; etag: string } | { kind: 'unchanged' }

export interface BrokerLink {
  by: 'events' | 'polling' | 'away'
  broker: string
  reason?: string
}

/**
 * The broker as a worker uses it. Everything is bounded in time and ends with its signal; what the broker refuses
 * is a `ProblemError`, any other error means that it is away.
 */
export interface BrokerPort {
  /** With `ifNoneMatch` and `waitSeconds` it answers as soon as there is a newer state; without a state it waits for the first. */
  cookies(options: {
    session: string
    ifNoneMatch?: string | undefined
    waitSeconds?: number | undefined
    signal: AbortSignal
  }): Promise<CookiesAnswer>
  refresh(options: {
    session: string
    generation: number
    reason: string
    signal: AbortSignal
  }): Promise<RefreshResult>
  /** Says who writes this session back: this worker, where no other does. */
  electWriter(options: {
    session: string
    worker: string
    release?: boolean | undefined
    signal: AbortSignal
  }): Promise<Pick<WriterResult, 'isYou'>>
  /** Gives back what a Chrome has made of the state that `ifMatch` names. */
  writeBack(options: {
    session: string
    cookies: readonly Cookie[]
    ifMatch: string
    signal: AbortSignal
  }): Promise<{ generation: number; revision: number }>
  summary(session: string, signal: AbortSignal): Promise<Pick<SessionSummary, 'check'>>
  /** @param report asked anew for each try, since it tells how long ago something was */
  report(workerId: string, report: () => WorkerReport, signal: AbortSignal): Promise<void>
  /** Never ends before its signal; throws only what is final. */
  watch(options: {
    session: readonly string[]
    signal: AbortSignal
    onLink: (link: BrokerLink) => void
  }): AsyncIterable<SessionEvent>
  /** Whether it stays so until somebody changes the key, the configuration or the question. */
  isFinal(error: unknown): boolean
}
