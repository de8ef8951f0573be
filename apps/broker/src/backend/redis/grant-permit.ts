import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbGrantPermit',
  `
local fence, durationMs = ARGV[3], tonumber(ARGV[4])
local newest = redis.call('HMGET', login, 'fence', 'phase', 'permitEndsAtMs')
if newest[1] ~= fence or not isRunning(newest[2]) then return 0 end

-- A permit that was given is never shortened: its secrets may be under way.
local endsAt = math.max(tonumber(newest[3] or 0), now + durationMs)
redis.call('HSET', login, 'phase', 'permitted', 'permitEndsAtMs', string.format('%.0f', endsAt))
tell()
return 1
`,
)

export async function grantPermit(
  run: RunScript,
  place: SessionPlace,
  { fence, durationMs }: { fence: number; durationMs: number },
): Promise<boolean> {
  return (await run(script, place, [fence, Math.ceil(durationMs)])) === 1
}
