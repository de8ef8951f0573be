import { failureClasses, verdictSchema } from '@session-broker/shared'
import { z } from 'zod'
import type {
  LoginAttempt,
  SessionPlace,
  Snapshot,
  StoredSession,
} from '../../session/ports/session-store.ts'
import type { SealedState } from '../../session/ports/state-sealer.ts'
import { defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbReadSession',
  `
return { now, redis.call('HGETALL', session), redis.call('HGETALL', login) }
`,
)

const answerSchema = z.tuple([z.int(), z.array(z.string()), z.array(z.string())])
const number = z.coerce.number()

/** Without `sealed` the state was forgotten; the counter stays. */
const sessionHash = z.object({
  generation: number.default(0),
  revision: number.default(0),
  mark: z.string().default(''),
  obtainedAtMs: number.default(0),
  verdict: verdictSchema.default('unclear'),
  checkedAtMs: number.default(0),
  operationId: z.string().default(''),
  sealed: z.string().exactOptional(),
})

const loginHash = z.object({
  fence: number,
  session: z.string(),
  operationId: z.string(),
  phase: z.enum(['begun', 'permitted', 'committed', 'failed']),
  startedAtMs: number,
  endedAtMs: number.exactOptional(),
  failureClass: z.enum(failureClasses).exactOptional(),
  failureDetail: z.string().default(''),
})

export async function readSession(run: RunScript, place: SessionPlace): Promise<Snapshot> {
  const [nowMs, session, login] = answerSchema.parse(await run(script, place))
  const { generation, stored } = asStored(session)
  const attempt = asAttempt(login)
  return { generation, ...(stored && { stored }), ...(attempt && { attempt }), nowMs }
}

function asStored(fields: string[]): { generation: number; stored?: StoredSession } {
  const { sealed, ...known } = sessionHash.parse(asObject(fields))
  const { generation } = known
  if (sealed === undefined) return { generation }
  return { generation, stored: { ...known, sealed: sealed as SealedState } }
}

function asAttempt(fields: string[]): LoginAttempt | undefined {
  if (fields.length === 0) return undefined
  const { failureClass, failureDetail, ...attempt } = loginHash.parse(asObject(fields))
  return { ...attempt, ...(failureClass && { failure: { class: failureClass, detail: failureDetail } }) }
}

/** HGETALL inside a script gives names and values in turn. */
function asObject(fields: string[]): Record<string, string> {
  const object: Record<string, string> = {}
  for (let at = 0; at < fields.length; at += 2) object[fields[at] ?? ''] = fields[at + 1] ?? ''
  return object
}
