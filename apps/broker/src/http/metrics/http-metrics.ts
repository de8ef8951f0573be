import { Counter, collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client'
import { type AnswerLabels, createAnswerTimes, type NoteAnswer } from './answer-times.ts'
import { type AppliedTimes, createAppliedTimes } from './applied-times.ts'

const prefix = 'session_broker_'

export interface HttpMetrics {
  registry: Registry
  /** For one kind of answer; to be kept by those who note it often. */
  answers(labels: AnswerLabels): NoteAnswer
  /** `outcome`: of the refresh, or the code of its problem. */
  noteRefresh(outcome: string): void
  noteEventStream(change: 1 | -1): void
  /** With names: for those who show a key. */
  appliedTimes: AppliedTimes
}

/** Its registry counts without names: no session, no key, no path beyond its pattern. */
export function createHttpMetrics({
  refreshesInFlight,
  storeAwayForMs,
}: {
  refreshesInFlight: () => number
  storeAwayForMs: () => number | undefined
}): HttpMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const refreshes = new Counter({
    name: `${prefix}refreshes_total`,
    help: 'Answered refreshes by outcome, or by the code of their problem.',
    labelNames: ['outcome'],
    registers,
  })
  const streams = new Gauge({ name: `${prefix}event_streams`, help: 'Open event streams.', registers })
  new Gauge({
    name: `${prefix}refreshes_in_flight`,
    help: 'Refreshes under way in this broker.',
    registers,
    collect() {
      this.set(refreshesInFlight())
    },
  })
  new Gauge({
    name: `${prefix}store_away_seconds`,
    help: 'How long the store has not answered; 0 while it does.',
    registers,
    collect() {
      this.set((storeAwayForMs() ?? 0) / 1000)
    },
  })
  return {
    registry,
    answers: createAnswerTimes(registry),
    noteRefresh: (outcome) => refreshes.inc({ outcome }),
    noteEventStream: (change) => streams.inc(change),
    appliedTimes: createAppliedTimes(),
  }
}
