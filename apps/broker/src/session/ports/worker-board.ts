import type { WorkerStatus } from '@session-broker/shared'
import type { SessionPlace } from './session-store.ts'

/** What each worker has last reported, per session. A worker's newer report replaces its older one. */
export interface WorkerBoard {
  /** @throws ProblemError `store_unavailable`. */
  save(place: SessionPlace, status: WorkerStatus): Promise<void>
  /** @throws ProblemError `store_unavailable`. */
  list(place: SessionPlace): Promise<WorkerStatus[]>
}
