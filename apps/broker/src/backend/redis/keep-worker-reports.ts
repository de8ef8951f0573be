import type { WorkerStatus } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { keptReportsMs } from '../worker-reports.ts'
import type { RedisCommands } from './connection.ts'
import { timedKey, workersKey } from './keys.ts'
import { defineScript, type RunScript } from './run-script.ts'

type Client = Pick<RedisCommands, 'hvals' | 'hdel'>

const script = defineScript(
  'sbSaveWorkerReport',
  `
local id, status, isTimed, generation, revision = ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
redis.call('HSET', workers, id, status)
redis.call('PEXPIRE', workers, ${keptReportsMs})
if isTimed ~= '1' then return 0 end

local knownGeneration, knownRevision = string.match(redis.call('HGET', timed, id) or '0 0', '^(%d+) (%d+)$')
local isNewer = generation > tonumber(knownGeneration)
  or (generation == tonumber(knownGeneration) and revision > tonumber(knownRevision))
if not isNewer then return 0 end
redis.call('HSET', timed, id, generation .. ' ' .. revision)
redis.call('PEXPIRE', timed, ${keptReportsMs})
return 1
`,
)

export async function saveWorkerReport(
  run: RunScript,
  place: SessionPlace,
  status: WorkerStatus,
): Promise<boolean> {
  const { id, generation, revision, commitToAppliedMs } = status
  const isTimed = commitToAppliedMs === undefined ? 0 : 1
  const args = [id, JSON.stringify(status), isTimed, generation, revision]
  return (await run(script, place, args)) === 1
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
  if (gone.length > 0) await Promise.all([client.hdel(key, ...gone), client.hdel(timedKey(place), ...gone)])
  return all.filter((status) => !isGone(status)).sort((a, b) => (a.id < b.id ? -1 : 1))
}
