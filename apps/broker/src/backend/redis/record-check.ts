import type { Verdict } from '@session-broker/shared'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbRecordCheck',
  `
local generation, verdict = tonumber(ARGV[4]), ARGV[5]
local known = redis.call('HGET', session, 'generation')
if tonumber(known or 0) ~= generation or redis.call('HEXISTS', session, 'sealed') == 0 then return 0 end

redis.call('HSET', session, 'verdict', verdict, 'checkedAtMs', whole(now))
if verdict == 'signed_in' then redis.call('HSET', session, 'aliveAtMs', whole(now)) end
tell()
return 1
`,
)

export async function recordCheck(
  run: RunScript,
  place: SessionPlace,
  { generation, verdict }: { generation: number; verdict: Verdict },
): Promise<boolean> {
  return (await run(script, place, [generation, verdict])) === 1
}
