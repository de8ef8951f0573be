import { BrokerUnreachableError, createBrokerClient, UnexpectedAnswerError } from '@session-broker/client'
import { UserMistake } from '@session-broker/program/command-line'
import { ProblemError, type SessionSummary, type WorkerStatus } from '@session-broker/shared'
import { readBrokerUrls, readKey, readSessions } from './read-options.ts'
import type { Surroundings } from './surroundings.ts'

export interface StatusOptions {
  broker?: string[]
  worker?: string
  session?: string[]
  insecureHttp: boolean
  json: boolean
}

/** Tells how it stands, by the broker or by a worker on this machine. */
export async function status(options: StatusOptions, surroundings: Surroundings): Promise<void> {
  const { worker, broker } = options
  if (worker === undefined && broker) return statusOfBroker({ ...options, broker }, surroundings)
  if (worker === undefined || broker)
    throw new UserMistake('Say whom to ask: --broker or --worker, one of them')
  const { statusOfWorker } = await import('./status-of-worker.ts')
  const wanted = readSessions(options.session ?? [])
  surroundings.stdout.write(await statusOfWorker(worker, { wanted, isJson: options.json }))
}

/** What the broker knows: each session, and below it what each worker has reported of it. */
async function statusOfBroker(
  options: StatusOptions & { broker: string[] },
  { env, stdout }: Surroundings,
): Promise<void> {
  const wanted = readSessions(options.session ?? [])
  const client = createBrokerClient({ url: readBrokerUrls(options.broker, options), key: readKey(env) })
  try {
    const sessions = await (wanted.length > 0
      ? Promise.all(wanted.map((session) => client.summary(session)))
      : client.sessions())
    const workers = await client.workers()
    if (options.json) return void stdout.write(asJson(sessions, workers))
    const lines = sessions.flatMap((session) => [
      describeSession(session),
      ...workers.filter((worker) => worker.session === session.session).map(describeWorker),
    ])
    stdout.write(lines.map((line) => `${line}\n`).join(''))
  } catch (error) {
    throw asUserMistake(error)
  } finally {
    await client.close()
  }
}

function asJson(sessions: SessionSummary[], workers: WorkerStatus[]): string {
  const names = sessions.map(({ session }) => session)
  const told = { sessions, workers: workers.filter(({ session }) => names.includes(session)) }
  return `${JSON.stringify(told, undefined, 2)}\n`
}

function describeSession({
  session,
  status,
  generation,
  revision,
  obtainedAt,
  expiry,
  login,
}: SessionSummary): string {
  const parts = [
    status,
    ...(generation > 0 ? [`generation ${generation}.${revision}`] : []),
    ...(obtainedAt ? [`since ${obtainedAt}`] : []),
    ...(expiry ? [`until about ${expiry.at}`] : []),
    ...(login.phase === 'idle' ? [] : [`login ${login.phase}`]),
    ...(login.class ? [`last failure ${login.class}`] : []),
  ]
  return `${session}: ${parts.join(', ')}`
}

function describeWorker({
  id,
  generation,
  revision,
  outcome,
  seen,
  chrome,
  reportedAt,
  appliedAt,
  commitToAppliedMs,
  detail,
}: WorkerStatus): string {
  const parts = [
    ...[outcome, `generation ${generation}.${revision}`],
    ...(seen ? [seen] : []),
    ...[chrome, reportedAt],
    ...(appliedAt ? [`in Chrome since ${appliedAt}`] : []),
    ...(commitToAppliedMs === undefined ? [] : [`${commitToAppliedMs} ms after it was published`]),
  ]
  return `  ${id}: ${parts.join(', ')}${detail ? ` (${detail})` : ''}`
}

function asUserMistake(error: unknown): unknown {
  const isForPeople =
    error instanceof ProblemError ||
    error instanceof BrokerUnreachableError ||
    error instanceof UnexpectedAnswerError
  return isForPeople ? new UserMistake(error.message, { cause: error }) : error
}
