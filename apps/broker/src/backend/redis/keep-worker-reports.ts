import type { WorkerStatus } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { keptReportsMs } from '../worker-reports.ts'
import type { RedisCommands } from './connection.ts'
import { workersKey } from './keys.ts'

type Client = Pick<RedisCommands, 'hset' | 'pexpire' | 'hvals' | 'hdel'>

export async function saveWorkerReport(
  client: Client,
  place: SessionPlace,
  status: WorkerStatus,
): Promise<void> {
  const key = workersKey(place)
  await Promise.all([client.hset(key, status.id, JSON.stringify(status)), client.pexpire(key, keptReportsMs)])
}

/** Leaves out, and forgets, who has not reported for long. */
export async function listWorkerReports(
  client: Client,
  place: SessionPlace,
  nowMs: number,
): Promise<WorkerStatus[]> {
  const key = workersKey(place)
  const all = (await client.hvals(key)).map((text): WorkerStatus => JSON.parse(text))
  const isGone = ({ reportedAt }: WorkerStatus) => Date.parse(reportedAt) < nowMs - keptReportsMs
  const gone = all.filter(isGone).map(({ id }) => id)
  if (gone.length > 0) await client.hdel(key, ...gone)
  return all.filter((status) => !isGone(status)).sort((a, b) => (a.id < b.id ? -1 : 1))
}
