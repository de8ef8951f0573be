import type { WorkerStatus } from '@session-broker/shared'
import type { SessionPlace } from './session-store.ts'

/** What each worker has last reported, per session. A worker's newer report replaces its older one. */
export interface WorkerBoard {
  /**
   * @returns whether this is the first to tell how long the version took to this worker (`commitToAppliedMs`): what is sent again,
   * at any replica, is not, and neither is what comes after that of a newer version.
   * @throws ProblemError `store_unavailable`.
   */
  save(place: SessionPlace, status: WorkerStatus): Promise<boolean>
  /** @throws ProblemError `store_unavailable`. */
  list(place: SessionPlace): Promise<WorkerStatus[]>
}
