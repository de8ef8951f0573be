import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

const prefix = 'session_broker_'

/** Notes one answer; milliseconds from the request's arrival to the answer's leaving. */
export type NoteAnswer = (durationMs: number) => void

export interface HttpMetrics {
  registry: Registry
  /** For one kind of answer; to be kept by those who note it often. */
  answers(labels: { method: string; route: string; status: number }): NoteAnswer
  /** `outcome`: of the refresh, or the code of its problem. */
  noteRefresh(outcome: string): void
  noteEventStream(change: 1 | -1): void
}

/** Counts without names: no session, no key, no path beyond its pattern. */
export function createHttpMetrics({ refreshesInFlight }: { refreshesInFlight: () => number }): HttpMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: `${prefix}http_request_duration_seconds`,
    help: 'Answers by route and status: how many, how long. Long polls and refreshes wait on purpose.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 25, 60],
    registers,
  })
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
  const cells = new Map<string, NoteAnswer>()

  function answers({ method, route, status }: Parameters<HttpMetrics['answers']>[0]): NoteAnswer {
    const name = `${method} ${route} ${status}`
    const known = cells.get(name)
    if (known) return known
    const cell = durations.labels({ method, route, status })
    const note = (durationMs: number) => cell.observe(durationMs / 1000)
    cells.set(name, note)
    return note
  }

  return {
    registry,
    answers,
    noteRefresh: (outcome) => refreshes.inc({ outcome }),
    noteEventStream: (change) => streams.inc(change),
  }
}
