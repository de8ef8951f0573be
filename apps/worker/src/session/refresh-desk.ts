import { type IssuedSession, ProblemError, type RefreshResult } from '@session-broker/shared'
import { createBackOff, pauseAfter } from './back-off.ts'
import type { HeldSession } from './held-session.ts'
import type { BrokerPort } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'

export interface RefreshDeskDependencies {
  held: Pick<HeldSession, 'hear'>
  broker: Pick<BrokerPort, 'refresh'>
  clock: Clock
  log: Log
  lookEveryMs: number
  /** Asking goes on though the Chrome that wanted it has gone. */
  stopping: AbortSignal
}

export interface RefreshDesk {
  /** How many answers have come: read it before looking at a Chrome. */
  answers(): number
  /**
   * The broker's answer to "this generation is signed out here". Undefined where it failed, and while it is too early to ask again.
   * @param known answers that had come before Chrome was looked at: a later one counts for it as well
   */
  ask(applied: IssuedSession, where: { known: number; chrome: string; worker: string }): Promise<Answer>
  /** @returns whether a question was left since it could not be reached; it may be asked again now */
  brokerIsBack(): boolean
}

type Answer = RefreshResult | undefined

/** Asks the broker on behalf of all Chromes of this worker: when a session ends, each of them finds it signed out. */
export function createRefreshDesk(dependencies: RefreshDeskDependencies): RefreshDesk {
  const { held, broker, clock, log, lookEveryMs, stopping } = dependencies
  const failures = createBackOff(clock, {
    firstMs: lookEveryMs,
    longestMs: Math.max(lookEveryMs, 10 * 60_000),
  })
  let asking: { generation: number; answer: Promise<Answer> } | undefined
  let last: { generation: number; answer: RefreshResult; atMs: number } | undefined
  let answers = 0
  /** Not before then (milliseconds since 1970) the broker is asked again. */
  let askAtMs = 0
  let wasAway = false

  async function carryOut(generation: number, order: { session: string; reason: string; worker: string }) {
    const { session, reason, worker } = order
    const fields = { session, generation, worker }
    const startedAtMs = clock.now()
    log.info({ ...fields, reason }, 'refresh asked')
    try {
      const answer = await broker.refresh({ session, generation, reason, signal: stopping })
      const { outcome, revision } = answer
      const durationMs = clock.now() - startedAtMs
      log.info(
        { ...fields, generation: answer.generation, revision, outcome, durationMs },
        'refresh answered',
      )
      failures.reset()
      last = { generation, answer, atMs: clock.now() }
      answers += 1
      held.hear(answer)
      return answer
    } catch (error) {
      if (stopping.aborted) return undefined
      askAtMs = clock.now() + pauseAfter(error, { backOff: failures, clock })
      wasAway = !(error instanceof ProblemError)
      const code = error instanceof ProblemError ? { code: error.code } : {}
      log.warn({ ...fields, ...code, error, durationMs: clock.now() - startedAtMs }, 'refresh failed')
      return undefined
    } finally {
      if (asking?.generation === generation) asking = undefined
    }
  }

  /** What was answered already, and holds for a Chrome that was looked at when `known` answers had come. */
  function answeredSince(generation: number, known: number): Answer {
    if (last?.generation !== generation) return undefined
    // The newer one is on its way here.
    const isOver = last.answer.generation !== generation && clock.now() - last.atMs < lookEveryMs
    return isOver || answers > known ? last.answer : undefined
  }

  return {
    answers: () => answers,
    brokerIsBack() {
      if (!wasAway) return false
      wasAway = false
      askAtMs = 0
      failures.reset()
      return true
    },
    async ask({ session, generation }, { known, chrome, worker }) {
      if (asking?.generation === generation) return asking.answer
      const answered = answeredSince(generation, known)
      if (answered || clock.now() < askAtMs) return answered
      const reason = `signed out in ${chrome} of ${worker}`
      const answer = carryOut(generation, { session, reason, worker })
      asking = { generation, answer }
      return answer
    },
  }
}
