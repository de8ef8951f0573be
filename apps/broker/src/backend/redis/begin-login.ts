import { z } from 'zod'
import type { BeginAnswer, LoginStart, SessionPlace } from '../../session/ports/session-store.ts'
import { budgetLua, defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbBeginLogin',
  budgetLua,
  `
local operationId, fromGeneration, credentialsTag, force = ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7]
local loginsPerDay, failedPerDay = tonumber(ARGV[8]), tonumber(ARGV[9])
if tonumber(redis.call('HGET', session, 'generation') or 0) ~= fromGeneration then return { 'superseded', 0, 0 } end

local newest = redis.call('HMGET', login, 'fence', 'operationId', 'permitEndsAtMs')
local fence = tonumber(newest[1] or 0)
local function failuresInRow() return tonumber(redis.call('HGET', restraint, 'failuresInRow') or 0) end
if newest[2] == operationId then return { 'begun', fence, failuresInRow() } end

local held = redis.call('HMGET', restraint, 'breakerClass', 'breakerTag', 'nextTryAtMs')
-- It stays open until a login succeeds: two secrets in turn are no way past it.
local isMended = held[2] and held[2] ~= credentialsTag
if force ~= '1' then
  if held[1] and not isMended then return { 'locked_out', 0, 0 } end
  local backOffMs = tonumber(held[3] or 0) - now
  if backOffMs > 0 then return { 'backing_off', backOffMs, 0 } end
end
-- Only what waiting would help is waited for.
local permitMs = tonumber(newest[3] or 0) - now
if permitMs > 0 then return { 'permit_outstanding', permitMs, 0 } end
local budgetMs = budgetWaitMs(loginsPerDay, failedPerDay)
if budgetMs > 0 then return { 'budget_spent', budgetMs, 0 } end

-- From the clock too: a Redis that lost its last writes, or all, must not give a fence out again.
fence = math.max(fence + 1, now)
redis.call('DEL', login)
redis.call('HSET', login,
  'fence', whole(fence), 'session', name, 'operationId', operationId, 'phase', 'begun', 'startedAtMs', whole(now))
tell()
return { 'begun', fence, failuresInRow() }
`,
)

const answerSchema = z.tuple([
  z.enum(['begun', 'permit_outstanding', 'superseded', 'locked_out', 'backing_off', 'budget_spent']),
  z.int(),
  z.int(),
])

export async function beginLogin(
  run: RunScript,
  place: SessionPlace,
  { operationId, fromGeneration, credentialsTag, force, budget }: LoginStart,
): Promise<BeginAnswer> {
  const args = [operationId, fromGeneration, credentialsTag, force ? 1 : 0]
  const limits = [budget.loginsPerDay, budget.failedPerDay]
  const [answer, value, failuresInRow] = answerSchema.parse(await run(script, place, [...args, ...limits]))
  if (answer === 'begun') return { begun: true, fence: value, failuresInRow }
  return answer === 'superseded' || answer === 'locked_out'
    ? { begun: false, reason: answer }
    : { begun: false, reason: answer, waitMs: value }
}
