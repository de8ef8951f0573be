import type { Histogram, Registry } from '@prometheus-io/client'

/** Notes one answer; milliseconds from the request's arrival to the answer's leaving. */
export type NoteAnswer = (durationMs: number) => void

export interface AnswerLabels {
  method: string
  route: string
  status: number
}

const name = 'session_broker_http_request_duration_seconds'
const help = 'Answers by route and status: how many, how long. Long polls and refreshes wait on purpose.'
const upperBoundsMs = [0.5, 1, 5, 25, 100, 500, 1_000, 5_000, 25_000, 60_000]

interface Cell {
  labels: AnswerLabels
  /** Answers within each bound and above the one before; the last place is for those beyond all bounds. */
  counts: number[]
  sumMs: number
}

/**
 * A Prometheus histogram whose cells are at hand for those who note the same kind of answer over and over: the
 * library's own makes a key of the labels each time, which is a tenth of what a ready answer costs altogether. The
 * registry asks a metric for its description and its values and nothing else.
 */
export function createAnswerTimes(registry: Registry): (labels: AnswerLabels) => NoteAnswer {
  const cells = new Map<string, Cell & { note: NoteAnswer }>()

  function cellOf(labels: AnswerLabels): NoteAnswer {
    const key = `${labels.method} ${labels.route} ${labels.status}`
    const known = cells.get(key)
    if (known) return known.note
    const cell = { labels, counts: Array<number>(upperBoundsMs.length + 1).fill(0), sumMs: 0 }
    const note = (durationMs: number) => {
      let place = 0
      while (durationMs > (upperBoundsMs[place] ?? Number.POSITIVE_INFINITY)) place++
      cell.counts[place] = (cell.counts[place] ?? 0) + 1
      cell.sumMs += durationMs
    }
    cells.set(key, Object.assign(cell, { note }))
    return note
  }

  const get = async () => ({
    ...{ name, help, type: 'histogram', aggregator: 'sum' },
    values: [...cells.values()].flatMap(valuesOf),
  })
  registry.registerMetric({ name, help, get } as unknown as Histogram)
  return cellOf
}

function valuesOf({ labels, counts, sumMs }: Cell) {
  let total = 0
  const buckets = counts.map((count, place) => {
    total += count
    const boundMs = upperBoundsMs[place]
    const le = boundMs === undefined ? '+Inf' : boundMs / 1000
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
