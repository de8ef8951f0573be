export interface Version {
  generation: number
  revision: number
}

/** A state that a worker has put in; written down by the worker's side. */
export interface AppliedState extends Version {
  worker: string
  applyMs: number
  /** Left out where only the worker's log tells. */
  content?: string
}

/** From the end of all sessions at the site to the next one. */
export interface Round {
  /** How many asked for the refresh at once. */
  askers: number
  /** Logins that the site has counted. */
  logins: number
  /** What the askers were given. */
  generation: number
  /** A broker was killed while the login was under way: what it had sent is lost, and another one is needed. */
  isCut: boolean
  /** A broker was killed at some time. */
  hasKill: boolean
}

/** What a broker told of a worker (`GET /workers`): how long its state took. */
export interface Timed extends Version {
  worker: string
  commitToAppliedMs: number
  applyMs: number
}

/** An event of a worker's stream. All run on one machine, by one wall clock. */
export interface HeardEvent {
  worker: string
  generation: number
  atMs: number
  /** Since when the stream that brought it was open: what came by opening it is no event of a commit. */
  openSinceMs: number
}

/** From the commit of a generation, by the store's clock, to its event at a worker. */
export interface Hop {
  generation: number
  hopMs: number
}

/** Everything that was written down in a run. */
export interface FleetRecord {
  workers: readonly string[]
  rounds: readonly Round[]
  applied: readonly AppliedState[]
  newest: Version & { content: string }
  /** What each worker has reported last, and what its Chrome holds. */
  ends: readonly (Version & { worker: string; outcome: string; content: string | undefined })[]
  timed: readonly Timed[]
  hops: readonly Hop[]
}
