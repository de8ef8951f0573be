import { z } from 'zod'
import type { BeginAnswer, SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbBeginLogin',
  `
local operationId, fromGeneration = ARGV[3], tonumber(ARGV[4])
if tonumber(redis.call('HGET', session, 'generation') or 0) ~= fromGeneration then return { 'superseded', 0 } end

local newest = redis.call('HMGET', login, 'fence', 'operationId', 'phase', 'permitEndsAtMs')
local fence = tonumber(newest[1] or 0)
if newest[2] == operationId then return { 'begun', fence } end
if newest[3] == 'permitted' then
  local waitMs = tonumber(newest[4]) - now
  if waitMs > 0 then return { 'permit_outstanding', waitMs } end
end

-- From the clock too: a Redis that lost its last writes, or all, must not give a fence out again.
fence = math.max(fence + 1, now)
redis.call('DEL', login)
redis.call('HSET', login,
  'fence', string.format('%.0f', fence), 'session', name, 'operationId', operationId,
  'phase', 'begun', 'startedAtMs', string.format('%.0f', now))
tell()
return { 'begun', fence }
`,
)

const answerSchema = z.tuple([z.enum(['begun', 'permit_outstanding', 'superseded']), z.int()])

export async function beginLogin(
  run: RunScript,
  place: SessionPlace,
  { operationId, fromGeneration }: { operationId: string; fromGeneration: number },
): Promise<BeginAnswer> {
  const [answer, value] = answerSchema.parse(await run(script, place, [operationId, fromGeneration]))
  if (answer === 'begun') return { begun: true, fence: value }
  return answer === 'superseded'
    ? { begun: false, reason: answer }
    : { begun: false, reason: answer, waitMs: value }
}
