import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { Standings } from '../session/standings.ts'

const prefix = 'session_worker_'
/** From an empty state in an empty Chrome to hundreds of cookies in a busy one. */
const buckets = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

export interface LocalMetrics {
  /** Prometheus text. @param withNames also what is told by the names of sessions */
  text(withNames: boolean): Promise<string>
}

/** Counts from now on what happens in this worker. */
export function countHappenings(standings: Standings): LocalMetrics {
  const counts = new Registry()
  countInto(counts, standings)
  const named = new Registry()
  showInto(named, standings)
  return {
    async text(withNames) {
      const texts = await Promise.all([counts.metrics(), ...(withNames ? [named.metrics()] : [])])
      return texts.join('\n')
    },
  }
}

function countInto(registry: Registry, standings: Standings): void {
  const registers = [registry]
  const applies = new Counter({
    name: `${prefix}applies_total`,
    help: 'States put into a Chrome, or refused, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const seconds = new Histogram({
    name: `${prefix}apply_seconds`,
    help: 'From the order to cookies and storage read back.',
    buckets,
    registers,
  })
  const attaches = new Counter({
    name: `${prefix}chrome_attaches_total`,
    help: 'Connections made to a Chrome: at the start, and after each of its ends.',
    registers,
  })
  const links = new Counter({
    name: `${prefix}broker_links_total`,
    help: 'How often news of the broker began to come by events or by polling, or ceased (away).',
    labelNames: ['by'],
    registers,
  })
  standings.onHappening((happening) => {
    if (happening.kind === 'attached') attaches.inc()
    if (happening.kind === 'link') links.inc({ by: happening.by })
    if (happening.kind !== 'applied') return
    applies.inc({ outcome: happening.outcome })
    if (happening.outcome !== 'refused') seconds.observe(happening.applyMs / 1_000)
  })
}

function showInto(registry: Registry, standings: Standings): void {
  const registers = [registry]
  const labelNames = ['session', 'worker'] as const
  new Gauge({
    name: `${prefix}signed_in`,
    help: 'Whether this Chrome was seen signed in at the last look; missing while that is not known.',
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const { session, worker, seen } of standings.all())
        if (seen === 'signed_in' || seen === 'signed_out')
          this.set({ session, worker }, seen === 'signed_in' ? 1 : 0)
    },
  })
  new Gauge({
    name: `${prefix}generation`,
    help: 'The generation that this Chrome was last offered.',
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const { session, worker, generation } of standings.all()) this.set({ session, worker }, generation)
    },
  })
}
