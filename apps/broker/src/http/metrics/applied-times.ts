import { Histogram, type Registry } from '@prometheus-io/client'

const name = 'session_broker_commit_to_applied_seconds'
const help =
  'From the publication of a state to when a Chrome held it, of workers that were told; counted where they report.'
const upperBoundsSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]

/** How fast what is published comes to Chromes, session by session. */
export interface AppliedTimes {
  note(session: string, commitToAppliedMs: number): void
  /** Lets a registry show those of some sessions alone. */
  show(sessions: readonly string[], registry: Registry): void
}

export function createAppliedTimes(): AppliedTimes {
  const all = new Histogram({
    name,
    help,
    labelNames: ['session'],
    buckets: upperBoundsSeconds,
    registers: [],
  })
  return {
    note: (session, commitToAppliedMs) => all.observe({ session }, commitToAppliedMs / 1000),
    show(sessions, registry) {
      const shown: ReadonlySet<unknown> = new Set(sessions)
      const get = async () => {
        const { values, ...metric } = await all.get()
        return { ...metric, values: values.filter(({ labels }) => shown.has(labels.session)) }
      }
      // The registry asks a metric for its values and nothing else.
      registry.registerMetric({ name, help, get } as unknown as Histogram)
    },
  }
}
