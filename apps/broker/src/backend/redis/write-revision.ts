import type { RevisionChange, SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbWriteRevision',
  `
local generation, fromRevision, verdict, mark, sealed, rotated =
  tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local known = redis.call('HMGET', session, 'generation', 'revision', 'mark', 'verdict')
if not known[4] or tonumber(known[1]) ~= generation then return 0 end

-- Asked once more, since the answer was lost.
if tonumber(known[2]) == fromRevision + 1 and known[3] == mark then return 1 end
if tonumber(known[2]) ~= fromRevision then return 0 end

redis.call('HSET', session,
  'revision', fromRevision + 1, 'mark', mark, 'sealed', sealed, 'verdict', verdict,
  'publishedAtMs', whole(now), 'checkedAtMs', whole(now))
if verdict == 'signed_in' then redis.call('HSET', session, 'aliveAtMs', whole(now)) end
if rotated == '1' then redis.call('HSET', session, 'rotates', 1) end
tell()
return 1
`,
)

export async function writeRevision(
  run: RunScript,
  place: SessionPlace,
  change: RevisionChange,
): Promise<boolean> {
  const { generation, fromRevision, verdict, mark, sealed, rotated } = change
  const args = [generation, fromRevision, verdict, mark, sealed, rotated ? 1 : 0]
  return (await run(script, place, args)) === 1
}
