import type { Verdict } from '@session-broker/shared'
import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbWriteRevision',
  `
local generation, fromRevision, verdict, mark, sealed = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7]
local known = redis.call('HMGET', session, 'generation', 'revision', 'mark', 'verdict')
if not known[4] or tonumber(known[1]) ~= generation then return 0 end

-- Asked once more, since the answer was lost.
if tonumber(known[2]) == fromRevision + 1 and known[3] == mark then return 1 end
if tonumber(known[2]) ~= fromRevision then return 0 end

redis.call('HSET', session,
  'revision', fromRevision + 1, 'mark', mark, 'sealed', sealed,
  'verdict', verdict, 'checkedAtMs', string.format('%.0f', now))
tell()
return 1
`,
)

export async function writeRevision(
  run: RunScript,
  place: SessionPlace,
  change: Publication & { generation: number; fromRevision: number; verdict: Verdict },
): Promise<boolean> {
  const { generation, fromRevision, verdict, mark, sealed } = change
  return (await run(script, place, [generation, fromRevision, verdict, mark, sealed])) === 1
}
