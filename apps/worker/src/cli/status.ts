import { BrokerUnreachableError, createBrokerClient, UnexpectedAnswerError } from '@session-broker/client'
import { UserMistake } from '@session-broker/program/command-line'
import { ProblemError, type SessionSummary, type WorkerStatus } from '@session-broker/shared'
import { readBrokerUrls, readKey, readSessions } from './read-options.ts'
import type { Surroundings } from './surroundings.ts'

export interface StatusOptions {
  broker: string[]
  session?: string[]
  insecureHttp: boolean
}

/** Tells what the broker knows: each session, and below it what each worker has reported of it. */
export async function status(options: StatusOptions, { env, stdout }: Surroundings): Promise<void> {
  const wanted = readSessions(options.session ?? [])
  const client = createBrokerClient({ url: readBrokerUrls(options.broker, options), key: readKey(env) })
  try {
    const sessions = await (wanted.length > 0
      ? Promise.all(wanted.map((session) => client.summary(session)))
      : client.sessions())
    const workers = await client.workers()
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
