import type { SessionPlace } from '../../session/ports/session-store.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbResetLogins',
  `
redis.call('DEL', restraint)
tell()
return 1
`,
)

export async function resetLogins(run: RunScript, place: SessionPlace): Promise<void> {
  await run(script, place)
}
