/**
 * What of redlock 5.0.0-beta.2 is used here. The package has types, but its `exports` hides them from nodenext, and they
 * want the whole of ioredis where two methods suffice.
 */
declare module 'redlock' {
  interface Client {
    eval(...args: unknown[]): Promise<unknown>
    evalsha(...args: unknown[]): Promise<unknown>
  }

  interface Settings {
    /** Of the duration, for clocks that run apart; 2 ms are added. */
    driftFactor: number
    retryCount: number
  }

  interface ExecutionStats {
    readonly membershipSize: number
    readonly quorumSize: number
    readonly votesFor: ReadonlySet<Client>
    readonly votesAgainst: ReadonlyMap<Client, Error>
  }

  export class Lock {
    /** Milliseconds since 1970, by the wall clock. */
    expiration: number
    release(): Promise<unknown>
    /** Resolves with the lock that replaces this one. */
    extend(durationMs: number): Promise<Lock>
  }

  /** A server answered that somebody else holds the resource. */
  export class ResourceLockedError extends Error {}

  /** Too few votes. */
  export class ExecutionError extends Error {
    /** Each settles once all servers have voted. */
    readonly attempts: readonly Promise<ExecutionStats>[]
  }

  export default class Redlock {
    constructor(clients: Iterable<Client>, settings?: Partial<Settings>)
    acquire(resources: string[], durationMs: number): Promise<Lock>
  }
}
