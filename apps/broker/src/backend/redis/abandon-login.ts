import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbAbandonLogin',
  `
local fence = ARGV[4]
local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] ~= fence or not isRunning(newest[2]) then return 0 end

redis.call('HSET', login, 'phase', 'abandoned', 'endedAtMs', whole(now))
tell()
return 1
`,
)

export async function abandonLogin(
  run: RunScript,
  place: SessionPlace,
  { fence }: { fence: number },
): Promise<void> {
  await run(script, place, [fence])
}
