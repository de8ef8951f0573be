import { challengeKindSchema, failureClasses, verdictSchema } from '@session-broker/shared'
import { z } from 'zod'
import { budgetWindowMs } from '../../session/login-budget.ts'
import type { LoginAttempt, LoginHistory, Submission } from '../../session/login-history.ts'
import type { SessionPlace, Snapshot } from '../../session/ports/session-store.ts'
import type { SealedState } from '../../session/ports/state-sealer.ts'
import { challengeLua, defineScript, type RunScript } from './run-script.ts'

const script = defineScript(
  'sbReadSession',
  challengeLua,
  `
local times = {}
for _, atMs in ipairs(readChallenged()) do times[#times + 1] = whole(atMs) end
return {
  now, redis.call('HGETALL', session), redis.call('HGETALL', login), redis.call('HGETALL', submissions),
  redis.call('HGETALL', restraint),
  findChallenge() and redis.call('HMGET', challenge, 'id', 'kind', 'openedAtMs', 'expiresAtMs') or {},
  times,
}
`,
)

/** HGETALL inside a script gives names and values in turn. */
const hash = z.array(z.string()).transform((fields) => {
  const object: Record<string, string> = {}
  for (let at = 0; at < fields.length; at += 2) object[fields[at] ?? ''] = fields[at + 1] ?? ''
  return object
})
const number = z.coerce.number()
const challengeSchema = z
  .tuple([z.string(), challengeKindSchema, number, number])
  .transform(([id, kind, openedAtMs, expiresAtMs]) => ({ challenge: { id, kind, openedAtMs, expiresAtMs } }))
  .or(z.tuple([]).transform(() => ({})))
const answerSchema = z.tuple([z.int(), hash, hash, hash, hash, challengeSchema, z.array(number)])

/** Without `sealed` the state was forgotten; the counter stays. */
const sessionHash = z.object({
  generation: number.default(0),
  revision: number.default(0),
  mark: z.string().default(''),
  obtainedAtMs: number.default(0),
  publishedAtMs: number.exactOptional(),
  verdict: verdictSchema.default('unclear'),
  checkedAtMs: number.default(0),
  aliveAtMs: number.exactOptional(),
  operationId: z.string().default(''),
  sealed: z.string().exactOptional(),
  rotates: z.literal('1').exactOptional(),
  lifetimesMs: z
    .string()
    .default('')
    .transform((text) => text.split(' ').filter(Boolean).map(Number)),
})

const loginHash = z.object({
  fence: number,
  session: z.string(),
  operationId: z.string(),
  phase: z.enum(['begun', 'permitted', 'committed', 'failed', 'abandoned']),
  startedAtMs: number,
  permitEndsAtMs: number.exactOptional(),
  endedAtMs: number.exactOptional(),
  failureClass: z.enum(failureClasses).exactOptional(),
  failureDetail: z.string().default(''),
})

const submissionText = z.tuple([number, z.enum(['open', 'accepted', 'failed'])])

const restraintHash = z.object({
  failuresInRow: number.default(0),
  nextTryAtMs: number.exactOptional(),
  breakerClass: z.enum(failureClasses).exactOptional(),
  breakerSinceMs: number.default(0),
  breakerTag: z.string().exactOptional(),
})

export async function readSession(run: RunScript, place: SessionPlace): Promise<Snapshot> {
  const [nowMs, session, login, submissions, restraint, challenge, challengedAtMs] = answerSchema.parse(
    await run(script, place),
  )
  const attempt = asAttempt(login)
  return {
    ...asSession(session),
    ...(attempt && { attempt }),
    submissions: asSubmissions(submissions, nowMs),
    ...asRestraint(restraint),
    ...challenge,
    challengedAtMs,
    nowMs,
  }
}

function asSession(
  fields: Record<string, string>,
): Pick<Snapshot, 'generation' | 'stored' | 'rotates' | 'lifetimesMs'> {
  const { sealed, rotates, lifetimesMs, publishedAtMs: revisedAtMs, ...known } = sessionHash.parse(fields)
  const { generation, revision, obtainedAtMs: aliveAtMs } = known
  const publishedAtMs = revision === 0 ? known.obtainedAtMs : revisedAtMs
  const session = { generation, rotates: rotates !== undefined, lifetimesMs }
  if (sealed === undefined) return session
  const published = publishedAtMs === undefined ? {} : { publishedAtMs }
  return { ...session, stored: { aliveAtMs, ...known, ...published, sealed: sealed as SealedState } }
}

function asAttempt(fields: Record<string, string>): LoginAttempt | undefined {
  if (Object.keys(fields).length === 0) return undefined
  const { failureClass, failureDetail, ...attempt } = loginHash.parse(fields)
  return { ...attempt, ...(failureClass && { failure: { class: failureClass, detail: failureDetail } }) }
}

function asSubmissions(fields: Record<string, string>, nowMs: number): Submission[] {
  return Object.entries(fields)
    .map(([fence, text]) => {
      const [atMs, outcome] = submissionText.parse(text.split(' '))
      return { fence: Number(fence), atMs, outcome }
    })
    .filter(({ atMs }) => atMs > nowMs - budgetWindowMs)
    .sort((a, b) => a.atMs - b.atMs || a.fence - b.fence)
}

function asRestraint(
  fields: Record<string, string>,
): Pick<LoginHistory, 'failuresInRow' | 'nextTryAtMs' | 'breaker'> {
  const { breakerClass, breakerSinceMs, breakerTag, ...restraint } = restraintHash.parse(fields)
  if (!breakerClass) return restraint
  const tag = breakerTag === undefined ? {} : { credentialsTag: breakerTag }
  return { ...restraint, breaker: { class: breakerClass, sinceMs: breakerSinceMs, ...tag } }
}
