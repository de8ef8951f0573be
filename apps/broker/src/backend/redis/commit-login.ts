import { z } from 'zod'
import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { publishLua } from './publish-state.ts'
import { defineScript, type RunScript, settleLua } from './run-script.ts'

const script = defineScript(
  'sbCommitLogin',
  settleLua,
  publishLua,
  `
local fence, fromGeneration, operationId, mark, sealed = ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8]
local known = redis.call('HMGET', session, 'generation', 'operationId')
local generation = tonumber(known[1] or 0)

-- Asked once more, since the answer was lost.
if generation == fromGeneration + 1 and known[2] == operationId then return 'committed' end

settle(fence, 'accepted')
local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] ~= fence or not isRunning(newest[2]) then return 'fenced' end

redis.call('HSET', login, 'endedAtMs', whole(now))
redis.call('HDEL', login, 'permitEndsAtMs')
if generation ~= fromGeneration then
  redis.call('HSET', login, 'phase', 'abandoned')
  tell()
  return 'superseded'
end
publish(fromGeneration, operationId, mark, sealed)
redis.call('HSET', login, 'phase', 'committed')
redis.call('DEL', restraint)
tell()
return 'committed'
`,
)

const outcomeSchema = z.enum(['committed', 'fenced', 'superseded'])

export async function commitLogin(
  run: RunScript,
  place: SessionPlace,
  login: Publication & { fence: number; fromGeneration: number; operationId: string },
): Promise<z.infer<typeof outcomeSchema>> {
  const { fence, fromGeneration, operationId, mark, sealed } = login
  return outcomeSchema.parse(await run(script, place, [fence, fromGeneration, operationId, mark, sealed]))
}
