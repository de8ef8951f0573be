import type { FailureClass } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbFailLogin',
  `
local fence, class, detail = ARGV[3], ARGV[4], ARGV[5]
local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] ~= fence or not isRunning(newest[2]) then return 0 end

redis.call('HSET', login,
  'phase', 'failed', 'endedAtMs', string.format('%.0f', now), 'failureClass', class, 'failureDetail', detail)
redis.call('HDEL', login, 'permitEndsAtMs')
tell()
return 1
`,
)

export async function failLogin(
  run: RunScript,
  place: SessionPlace,
  { fence, failure }: { fence: number; failure: { class: FailureClass; detail: string } },
): Promise<void> {
  await run(script, place, [fence, failure.class, failure.detail])
}
