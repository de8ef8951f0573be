import type { Verdict, WorkerReport } from '@session-broker/shared'
import { createBell } from './bell.ts'
import type { BrokerLink } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'

/** How it stands with one session in one Chrome, for whoever asks this worker. Never a value of the state. */
export interface Standing {
  session: string
  worker: string
  /** Where this Chrome is, e.g. `http://127.0.0.1:9222`. */
  address: string
  /** Product and version; undefined while no Chrome is there. */
  chrome?: string | undefined
  generation: number
  revision: number
  /** waiting: nothing was put in yet. given_up: the broker refuses this session for good. */
  outcome: WorkerReport['outcome'] | 'waiting' | 'given_up'
  detail?: string | undefined
  /** By the last look at what is in. */
  seen?: Verdict | undefined
  /** When this outcome of this generation came (milliseconds since 1970). */
  sinceMs: number
  lookedAtMs?: number | undefined
  /** When this Chrome was last gone through, from the news to the look. */
  passedAtMs: number
}

/** What happens, as it happens. */
export type Happening =
  | { kind: 'attached'; worker: string }
  | { kind: 'applied'; session: string; worker: string; outcome: WorkerReport['outcome']; applyMs: number }
  | { kind: 'link'; by: BrokerLink['by'] }

/** Where a session's keeper in one Chrome writes down how it stands. */
export interface Post {
  applied(result: { outcome: WorkerReport['outcome']; applyMs: number }): void
  report(report: WorkerReport): void
  looked(verdict: Verdict): void
  /** From here on this Chrome is gone through again and again. */
  begin(chrome: string): void
  /** A round begins. It answers all calls until now; gives how many these are. */
  round(): number
  passed(): void
  end(): void
  giveUp(): void
}

export type Standings = ReturnType<typeof createStandings>

/** How it stands with every session in every Chrome of this worker. */
export function createStandings(clock: Pick<Clock, 'now'>) {
  const entries: Entry[] = []
  const calls = createBell()
  const answers = createBell()
  const changes = createBell()
  const listeners: ((happening: Happening) => void)[] = []

  const happened = (happening: Happening): void => {
    for (const listener of listeners) listener(happening)
  }
  const all = (): Standing[] => entries.map(({ standing }) => ({ ...standing }))
  return {
    all,
    /** Rings when somebody wants every Chrome looked at now. */
    calls,
    /** Rings when `all` tells something else. */
    changes,
    happened,
    onHappening(listener: (happening: Happening) => void): void {
      listeners.push(listener)
    },
    post(place: Pick<Standing, 'session' | 'worker' | 'address'>): Post {
      const entry = createEntry(place, clock)
      entries.push(entry)
      return postOf(entry, { clock, calls: calls.rings, tell: answers.ring, change: changes.ring, happened })
    },
    /** Has every Chrome that is there looked at, and tells how it then stands; what takes longer than the signal stays as it was. */
    async lookNow(signal: AbortSignal): Promise<Standing[]> {
      calls.ring()
      const wanted = calls.rings()
      for (;;) {
        const heard = answers.rings()
        const isOpen = entries.some(({ isPresent, answered }) => isPresent && answered < wanted)
        if (!isOpen || signal.aborted) return all()
        await answers.rungSince(heard, signal)
      }
    },
  }
}

interface Entry {
  standing: Standing
  isPresent: boolean
  /** The calls that the round under way answers, and those that are answered. */
  round: number
  answered: number
}

function createEntry(
  place: Pick<Standing, 'session' | 'worker' | 'address'>,
  clock: Pick<Clock, 'now'>,
): Entry {
  const nowMs = clock.now()
  const standing = { ...place, generation: 0, revision: 0, outcome: 'waiting' as const }
  return {
    standing: { ...standing, sinceMs: nowMs, passedAtMs: nowMs },
    isPresent: false,
    round: 0,
    answered: 0,
  }
}

interface PostDependencies {
  clock: Pick<Clock, 'now'>
  calls: () => number
  tell: () => void
  change: () => void
  happened: (happening: Happening) => void
}

function postOf(entry: Entry, { clock, calls, tell, change, happened }: PostDependencies): Post {
  const { standing } = entry
  const { session, worker } = standing
  const answer = () => {
    entry.answered = entry.round
    tell()
  }
  return {
    applied: (result) => happened({ kind: 'applied', session, worker, ...result }),
    report({ generation, revision, outcome, detail, seen }) {
      const isSame =
        standing.generation === generation && standing.revision === revision && standing.outcome === outcome
      if (!isSame) standing.sinceMs = clock.now()
      Object.assign(standing, { generation, revision, outcome, detail, seen })
      change()
    },
    looked(verdict) {
      standing.seen = verdict
      standing.lookedAtMs = clock.now()
      change()
      answer()
    },
    begin(chrome) {
      standing.chrome = chrome
      standing.passedAtMs = clock.now()
      entry.isPresent = true
    },
    round() {
      entry.round = calls()
      return entry.round
    },
    passed() {
      standing.passedAtMs = clock.now()
      answer()
    },
    end() {
      standing.chrome = undefined
      entry.isPresent = false
      tell()
    },
    giveUp() {
      standing.outcome = 'given_up'
      standing.sinceMs = clock.now()
      change()
    },
  }
}
