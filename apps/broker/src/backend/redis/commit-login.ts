import { z } from 'zod'
import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbCommitLogin',
  `
local fence, fromGeneration, operationId, mark, sealed = ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7]
local known = redis.call('HMGET', session, 'generation', 'operationId')
local generation = tonumber(known[1] or 0)

-- Asked once more, since the answer was lost.
if generation == fromGeneration + 1 and known[2] == operationId then return 'committed' end

local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] ~= fence or not isRunning(newest[2]) then return 'fenced' end
if generation ~= fromGeneration then return 'superseded' end

local at = string.format('%.0f', now)
redis.call('HSET', session,
  'generation', fromGeneration + 1, 'revision', 0, 'mark', mark, 'obtainedAtMs', at,
  'verdict', 'signed_in', 'checkedAtMs', at, 'operationId', operationId, 'sealed', sealed)
redis.call('HSET', login, 'phase', 'committed', 'endedAtMs', at)
redis.call('HDEL', login, 'permitEndsAtMs')
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
