import type { FailureReport, SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript, settleLua } from './run-script.ts'

const script = defineScript(
  'sbFailLogin',
  settleLua,
  `
local fence, class, detail, delayMs, answered, opens, credentialsTag =
  ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10]
settle(fence, 'failed')

local function open()
  redis.call('HSET', restraint, 'breakerClass', class, 'breakerSinceMs', whole(now))
  if credentialsTag == '' then
    redis.call('HDEL', restraint, 'breakerTag')
  else
    redis.call('HSET', restraint, 'breakerTag', credentialsTag)
  end
end

local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] and tonumber(fence) < tonumber(newest[1]) and newest[2] ~= 'committed' and opens == '1' then
  -- Overtaken or not: what the site has refused is known.
  open()
  tell()
  return 1
end
if newest[1] ~= fence or not isRunning(newest[2]) then return 0 end

redis.call('HSET', login,
  'phase', 'failed', 'endedAtMs', whole(now), 'failureClass', class, 'failureDetail', detail)
if answered == '1' then redis.call('HDEL', login, 'permitEndsAtMs') end

redis.call('HINCRBY', restraint, 'failuresInRow', 1)
redis.call('HSET', restraint, 'nextTryAtMs', whole(now + delayMs))
-- A breaker that a forced login has passed stays open when that fails for another reason.
if opens == '1' then open() end
tell()
return 1
`,
)

export async function failLogin(
  run: RunScript,
  place: SessionPlace,
  { fence, failure, delayMs, answered, breaker }: FailureReport,
): Promise<void> {
  const args = [fence, failure.class, failure.detail, Math.ceil(delayMs), answered ? 1 : 0]
  await run(script, place, [...args, breaker ? 1 : 0, breaker?.credentialsTag ?? ''])
}
