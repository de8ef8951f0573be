import { z } from 'zod'
import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { keptLifetimes } from '../../session/session-lifetimes.ts'
import { defineScript, type RunScript, settleLua } from './run-script.ts'

const script = defineScript(
  'sbCommitLogin',
  settleLua,
  `
local fence, fromGeneration, operationId, mark, sealed = ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8]
local known = redis.call('HMGET', session, 'generation', 'operationId')
local generation = tonumber(known[1] or 0)

-- Asked once more, since the answer was lost.
if generation == fromGeneration + 1 and known[2] == operationId then return 'committed' end

settle(fence, 'accepted')
local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] ~= fence or not isRunning(newest[2]) then return 'fenced' end
if generation ~= fromGeneration then return 'superseded' end

-- The rules are those of session/session-lifetimes.ts.
local ending = redis.call('HMGET', session, 'verdict', 'obtainedAtMs', 'aliveAtMs', 'lifetimesMs', 'sealed')
if ending[5] and ending[1] == 'signed_out' then
  local lifetimes = { whole(tonumber(ending[3] or ending[2]) - tonumber(ending[2])) }
  for lifetime in string.gmatch(ending[4] or '', '%d+') do
    if #lifetimes < ${keptLifetimes} then lifetimes[#lifetimes + 1] = lifetime end
  end
  redis.call('HSET', session, 'lifetimesMs', table.concat(lifetimes, ' '))
end

local at = whole(now)
redis.call('HSET', session,
  'generation', fromGeneration + 1, 'revision', 0, 'mark', mark, 'obtainedAtMs', at,
  'verdict', 'signed_in', 'checkedAtMs', at, 'aliveAtMs', at, 'operationId', operationId, 'sealed', sealed)
redis.call('HSET', login, 'phase', 'committed', 'endedAtMs', at)
redis.call('HDEL', login, 'permitEndsAtMs')
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
