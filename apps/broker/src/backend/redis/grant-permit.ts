import { z } from 'zod'
import type { LoginBudget } from '../../session/login-history.ts'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { budgetLua, defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbGrantPermit',
  budgetLua,
  `
local fence, durationMs, loginsPerDay, failedPerDay = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local newest = redis.call('HMGET', login, 'fence', 'phase', 'permitEndsAtMs')
if newest[1] ~= fence or not isRunning(newest[2]) then return 'fenced' end

if redis.call('HEXISTS', submissions, fence) == 0 then
  if budgetWaitMs(loginsPerDay, failedPerDay) > 0 then return 'budget_spent' end
  local kept = readSubmissions()
  redis.call('DEL', submissions)
  for _, each in ipairs(kept) do
    redis.call('HSET', submissions, each.fence, whole(each.atMs) .. ' ' .. each.outcome)
  end
  redis.call('HSET', submissions, fence, whole(now) .. ' open')
end

-- A permit that was given is never shortened: its secrets may be under way.
local endsAt = math.max(tonumber(newest[3] or 0), now + durationMs)
redis.call('HSET', login, 'phase', 'permitted', 'permitEndsAtMs', whole(endsAt))
tell()
return 'granted'
`,
)

const answerSchema = z.enum(['granted', 'fenced', 'budget_spent'])

export async function grantPermit(
  run: RunScript,
  place: SessionPlace,
  { fence, durationMs, budget }: { fence: number; durationMs: number; budget: LoginBudget },
): Promise<z.infer<typeof answerSchema>> {
  const args = [fence, Math.ceil(durationMs), budget.loginsPerDay, budget.failedPerDay]
  return answerSchema.parse(await run(script, place, args))
}
