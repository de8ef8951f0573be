import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

/** Longer than any site takes a code after its window. */
const rememberedMs = 60 * 60_000

const script = defineScript(
  'sbClaimCode',
  `
if tonumber(ARGV[4]) <= tonumber(redis.call('GET', code) or 0) then return 0 end
redis.call('SET', code, ARGV[4], 'PX', ${rememberedMs})
return 1
`,
)

export async function claimCode(run: RunScript, place: SessionPlace, window: number): Promise<boolean> {
  return (await run(script, place, [window])) === 1
}
