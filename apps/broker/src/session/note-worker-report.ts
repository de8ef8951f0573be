import type { WorkerReport } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import type { SessionPlace } from './ports/session-store.ts'
import type { WorkerBoard } from './ports/worker-board.ts'
import type { PublicationTimes } from './publication-times.ts'

export interface ReportDependencies {
  workers: WorkerBoard
  publicationTimes: PublicationTimes
  clock: Pick<Clock, 'now'>
}

/**
 * Keeps what a worker reports, with when it was applied and how long that took.
 * @returns how long, where nobody has told of it before: once for each worker and version, however often it is reported.
 * @throws ProblemError `store_unavailable`
 */
export async function noteWorkerReport(
  { workers, publicationTimes, clock }: ReportDependencies,
  place: SessionPlace,
  { id, report }: { id: string; report: WorkerReport },
): Promise<number | undefined> {
  const receivedAtMs = clock.now()
  const commitToAppliedMs = await publicationTimes.commitToAppliedMs(report)
  const { appliedAgoMs, ...told } = report
  const isFirst = await workers.save(place, {
    ...{ ...told, id, reportedAt: new Date(receivedAtMs).toISOString() },
    ...(appliedAgoMs !== undefined && { appliedAt: new Date(receivedAtMs - appliedAgoMs).toISOString() }),
    ...(commitToAppliedMs !== undefined && { commitToAppliedMs }),
  })
  return isFirst ? commitToAppliedMs : undefined
}
