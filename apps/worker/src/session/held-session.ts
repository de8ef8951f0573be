import {
  type Check,
  type IssuedSession,
  isNewer,
  ProblemError,
  type SessionStatus,
} from '@session-broker/shared'
import { createBackOff, pauseAfter } from './back-off.ts'
import { type Bell, createBell } from './bell.ts'
import type { BrokerPort, CookiesAnswer } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import { waitForNews } from './wait-for-news.ts'

/** What a broker has said. */
interface Told {
  generation: number
  revision: number
  status?: SessionStatus
}

export interface HeldSessionDependencies {
  broker: Pick<BrokerPort, 'cookies' | 'summary' | 'isFinal'>
  clock: Clock
  log: Log
}

/** The newest state that the broker gave of one session. It is kept while the broker is away. */
export interface HeldSession {
  readonly session: string
  newest(): IssuedSession | undefined
  /** The same, with its ETag. */
  current(): { issued: IssuedSession; etag: string } | undefined
  /** Rings when `newest` has changed. */
  readonly changes: Pick<Bell, 'rings' | 'rungSince'>
  /** How to see whether a Chrome is signed in; undefined while the broker does not tell. */
  check(signal: AbortSignal): Promise<Check | undefined>
  /** Something newer may exist: looks for it. */
  hear(told: Told): void
  /** Keeps it current until the signal is aborted. Throws only what is final. */
  follow(signal: AbortSignal): Promise<void>
}

/** Without news, the broker is asked all the same now and then. */
const askAnywayMs = 5 * 60_000
/** How long the broker may hold the question for the first state, and for one that was announced. */
const firstWaitSeconds = 25
const announcedWaitSeconds = 5

export function createHeldSession(dependencies: HeldSessionDependencies, session: string): HeldSession {
  const { broker, clock, log } = dependencies
  const news = createBell()
  const changes = createBell()
  const away = createBackOff(clock, { firstMs: 500, longestMs: 30_000 })
  let held: { issued: IssuedSession; etag: string } | undefined
  let known: { check: Check; generation: number } | undefined
  let lastTrouble: string | undefined
  /** What was announced and has not been seen yet. */
  let lastTold: Told | undefined
  let announced: { generation: number; revision: number; asks: number } | undefined

  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const heard = news.rings()
      const ms = await ask(signal)
      await waitForNews(clock, { rungSince: news.rungSince, heard, ms, signal })
    }
  }

  /** @returns how long to wait for news before asking again */
  async function ask(signal: AbortSignal): Promise<number> {
    try {
      const waitSeconds = held ? announced && announcedWaitSeconds : firstWaitSeconds
      const answer = await broker.cookies({ session, ifNoneMatch: held?.etag, waitSeconds, signal })
      away.reset()
      lastTrouble = undefined
      if (answer.kind === 'session') take(answer.session, answer.etag)
      return pauseAfterAnswer(answer.kind)
    } catch (error) {
      if (signal.aborted) return 0
      if (broker.isFinal(error)) throw error
      tellTrouble(error)
      return pauseAfter(error, { backOff: away, clock })
    }
  }

  function pauseAfterAnswer(kind: CookiesAnswer['kind']): number {
    if (isStillAwaited(kind)) return kind === 'session' ? 0 : 1_000 * clock.random()
    announced = undefined
    return askAnywayMs * (0.5 + clock.random())
  }

  /**
   * A replica may learn of a generation a little later than the one that announced it; and one may have been announced while the one
   * before was on its way.
   */
  function isStillAwaited(kind: CookiesAnswer['kind']): boolean {
    if (!announced || (kind === 'session' && !isBefore(held?.issued, announced))) return false
    announced.asks += 1
    return announced.asks < 3
  }

  function take(issued: IssuedSession, etag: string): void {
    const { generation, revision } = issued
    if (!isNewer(issued, held?.issued)) {
      // The same state under another tag is nothing to tell.
      if (held?.issued.generation !== generation || held.issued.revision !== revision) {
        log.warn(
          { session, generation, revision, reason: `it holds ${held?.issued.generation}` },
          'older state left',
        )
      }
      return
    }
    held = { issued, etag }
    changes.ring()
  }

  function tellTrouble(error: unknown): void {
    const code = error instanceof ProblemError ? error.code : undefined
    const trouble = code ?? 'away'
    if (trouble === lastTrouble) return
    lastTrouble = trouble
    if (code) log.warn({ session, code, error }, 'no session')
    else log.warn({ session, error }, 'no answer from the broker')
  }

  async function check(signal: AbortSignal): Promise<Check | undefined> {
    const generation = held?.issued.generation ?? 0
    if (known?.generation === generation) return known.check
    try {
      const { check } = await broker.summary(session, signal)
      if (check) known = { check, generation }
    } catch (error) {
      if (!signal.aborted) tellTrouble(error)
    }
    return known?.check
  }

  return {
    session,
    newest: () => held?.issued,
    current: () => held,
    changes,
    check,
    hear(told) {
      const { generation, revision } = told
      const before = lastTold
      lastTold = told
      const isHeld = held?.issued.generation === generation && held.issued.revision === revision
      // A state that is found dead is the same state: asking for it would only be in the way of the next.
      if (isHeld && before && isOtherStatusOf(before, told)) return
      if (!isHeld && generation > 0) announced = { generation, revision, asks: 0 }
      news.ring()
    },
    follow,
  }
}

function isOtherStatusOf(before: Told, now: Told): boolean {
  if (before.status === undefined || now.status === undefined) return false
  const isSame = before.generation === now.generation && before.revision === now.revision
  return isSame && before.status !== now.status
}

function isBefore(held: Told | undefined, announced: Told): boolean {
  if (!held || held.generation !== announced.generation) return (held?.generation ?? 0) < announced.generation
  return held.revision < announced.revision
}
