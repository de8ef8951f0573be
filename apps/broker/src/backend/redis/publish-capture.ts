import { z } from 'zod'
import type { CapturePublication, SessionPlace } from '../../session/ports/session-store.ts'
import { publishLua } from './publish-state.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbPublishCapture',
  publishLua,
  `
local operationId, fromGeneration, revision, replacedMark, mark, sealed =
  ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local known = redis.call('HMGET', session, 'generation', 'operationId', 'revision', 'mark', 'sealed')
local generation = tonumber(known[1] or 0)

-- Asked once more, since the answer was lost.
if generation == fromGeneration + 1 and known[2] == operationId then return 'committed' end
if generation ~= fromGeneration then return 'superseded' end
if known[5] then
  if known[3] ~= revision or known[4] ~= replacedMark then return 'superseded' end
elseif revision ~= '' then
  return 'superseded'
end

publish(fromGeneration, operationId, mark, sealed)
-- The breaker stays open: that a person came in says nothing of the secret that the site has rejected.
redis.call('HDEL', restraint, 'failuresInRow', 'nextTryAtMs')
tell()
return 'committed'
`,
)

const outcomeSchema = z.enum(['committed', 'superseded'])

export async function publishCapture(
  run: RunScript,
  place: SessionPlace,
  capture: CapturePublication,
): Promise<z.infer<typeof outcomeSchema>> {
  const { operationId, fromGeneration, replaces, mark, sealed } = capture
  const replaced = [replaces?.revision ?? '', replaces?.mark ?? '']
  return outcomeSchema.parse(
    await run(script, place, [operationId, fromGeneration, ...replaced, mark, sealed]),
  )
}
