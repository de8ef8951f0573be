import { z } from 'zod'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbForgetSession',
  `
local generation = tonumber(ARGV[4])
if tonumber(redis.call('HGET', session, 'generation') or 0) ~= generation then return 'superseded' end
if redis.call('HEXISTS', session, 'sealed') == 0 then return 'absent' end

redis.call('HDEL', session,
  'revision', 'mark', 'obtainedAtMs', 'publishedAtMs', 'verdict', 'checkedAtMs', 'aliveAtMs',
  'operationId', 'sealed')
tell()
return 'forgotten'
`,
)

const outcomeSchema = z.enum(['forgotten', 'absent', 'superseded'])

export async function forgetSession(
  run: RunScript,
  place: SessionPlace,
  { generation }: { generation: number },
): Promise<z.infer<typeof outcomeSchema>> {
  return outcomeSchema.parse(await run(script, place, [generation]))
}
