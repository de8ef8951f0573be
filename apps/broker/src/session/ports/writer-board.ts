import type { SessionPlace } from './session-store.ts'

/** Who writes a session back, for a while. */
export interface WriterLease {
  worker: string
  /** Milliseconds since 1970, by the store's clock. */
  endsAtMs: number
}

/**
 * Elects the one worker that writes back, among several whose Chromes change. It spares them from trying at once; what must hold
 * rests on the revision that each names: two who both believe to be the writer do no harm.
 */
export interface WriterBoard {
  /** Gives the lease to `worker` for `holdMs` where it is free, over, or its own. @returns whose it is. */
  claimWriter(place: SessionPlace, claim: { worker: string; holdMs: number }): Promise<WriterLease>
  /** Ends it, if it is this worker's. @returns whose it is, if anybody's. */
  releaseWriter(place: SessionPlace, claim: { worker: string }): Promise<WriterLease | undefined>
}
