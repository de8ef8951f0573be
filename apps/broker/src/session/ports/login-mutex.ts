/**
 * Decides which replica tries, per account. Nothing that must be true rests on it: the store's fence and permit do.
 */
export interface LoginMutex {
  /**
   * One try, no waiting; undefined while somebody else holds it.
   * @throws ProblemError `store_unavailable` when too few lock servers answer.
   */
  tryAcquire(account: string): Promise<Lease | undefined>
  close(): Promise<void>
}

/** A held mutex; it renews itself until it is released. */
export interface Lease {
  /** How long it is certainly still held, by the local monotonic clock; 0 once it may be lost. */
  validForMs(): number
  /** Never rejects: what cannot be released runs out. */
  release(): Promise<void>
}
