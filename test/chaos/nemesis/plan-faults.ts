import { type StopPoint, stopPoints } from '../broker/stop-points.ts'
import type { Chance } from '../chance.ts'

export type Fault = { atMs: number } & FaultKind

export type FaultKind =
  /** SIGSTOP, and SIGCONT after `forMs`. */
  | { kind: 'pause'; broker: number; forMs: number }
  /** The same at a moment of the broker's next login. */
  | { kind: 'pause_in_login'; broker: number; point: StopPoint; forMs: number }
  /** SIGKILL; another process follows. */
  | { kind: 'kill'; broker: number }
  | { kind: 'kill_in_login'; broker: number; point: StopPoint }
  /** What is asked of Redis arrives, the answers don't; then the connections are cut. */
  | { kind: 'drop_replies'; broker: number; forMs: number }
  | { kind: 'delete_locks' }
  | { kind: 'freeze_redis'; forMs: number }
  | { kind: 'kill_redis'; forMs: number }

/** How long a fault waits for a login to stop in. */
export const findLoginMs = 2_000
/** A broker that was killed, or stopped for long, needs a while until it is of use again. */
const recoveryMs = 1_500
/** So many brokers stay well at any moment, or nobody would log in. */
const leastWell = 1

/** How often each is chosen, beside the others. */
const weights: Record<FaultKind['kind'], number> = {
  pause: 2,
  pause_in_login: 6,
  kill: 1,
  kill_in_login: 4,
  drop_replies: 3,
  delete_locks: 2,
  freeze_redis: 1,
  kill_redis: 1,
}
const kinds = Object.entries(weights).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as FaultKind['kind']),
)

/** The faults of a run, without end; a seed gives the same ones at the same times. */
export function* planFaults(chance: Chance, { brokers }: { brokers: number }): Generator<Fault, never> {
  const busyUntilMs = { brokers: Array.from({ length: brokers }, () => 0), redis: 0 }
  for (let atMs = 1_000; ; atMs += chance.between(200, 1_000)) {
    const well = busyUntilMs.brokers.flatMap((untilMs, index) => (untilMs <= atMs ? [index] : []))
    const kind = chance.pick(kinds)
    if (kind === 'delete_locks') yield { atMs, kind }
    else if (kind === 'freeze_redis' || kind === 'kill_redis') {
      if (busyUntilMs.redis > atMs) continue
      const forMs = kind === 'freeze_redis' ? chance.between(200, 2_500) : chance.between(50, 800)
      busyUntilMs.redis = atMs + forMs + recoveryMs
      yield { atMs, kind, forMs }
    } else if (well.length > leastWell) {
      const fault = ofBroker(chance, kind, chance.pick(well))
      busyUntilMs.brokers[fault.broker] = atMs + lengthOf(fault) + recoveryMs
      yield { atMs, ...fault }
    }
  }
}

type BrokerFault = Extract<FaultKind, { broker: number }>

function ofBroker(chance: Chance, kind: BrokerFault['kind'], broker: number): BrokerFault {
  switch (kind) {
    case 'pause':
      return { kind, broker, forMs: pauseMs(chance) }
    case 'pause_in_login':
      return { kind, broker, point: chance.pick(stopPoints), forMs: pauseMs(chance) }
    case 'kill':
      return { kind, broker }
    case 'kill_in_login':
      return { kind, broker, point: chance.pick(stopPoints) }
    case 'drop_replies':
      return { kind, broker, forMs: chance.between(100, 2_000) }
  }
}

/** Short ones; longer than a lock lives; longer than a permit. */
const pausesMs = [
  [100, 1_500],
  [100, 1_500],
  [4_000, 5_000],
  [10_500, 12_500],
] as const

function pauseMs(chance: Chance): number {
  const [least, most] = chance.pick(pausesMs)
  return chance.between(least, most)
}

function lengthOf(fault: BrokerFault): number {
  const forMs = 'forMs' in fault ? fault.forMs : 0
  return 'point' in fault ? findLoginMs + forMs : forMs
}
