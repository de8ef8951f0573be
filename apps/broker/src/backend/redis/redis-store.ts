import type { ChallengeBoard } from '../../session/ports/challenge-board.ts'
import type { Log } from '../../session/ports/log.ts'
import type { SessionStore } from '../../session/ports/session-store.ts'
import type { WorkerBoard } from '../../session/ports/worker-board.ts'
import type { WriterBoard } from '../../session/ports/writer-board.ts'
import { createChangeListeners } from '../change-listeners.ts'
import { readOperationRecord, writeOperationRecord } from '../operation-record.ts'
import { abandonLogin } from './abandon-login.ts'
import type { RedisTarget } from './address.ts'
import { beginLogin } from './begin-login.ts'
import { claimCode } from './claim-code.ts'
import { commitLogin } from './commit-login.ts'
import { openRedisConnection } from './connect.ts'
import type { RedisConnection } from './connection.ts'
import { failLogin } from './fail-login.ts'
import { followChanges } from './follow-changes.ts'
import { forgetSession } from './forget-session.ts'
import { grantPermit } from './grant-permit.ts'
import { inspectRedis } from './inspect-redis.ts'
import { keepChallenges } from './keep-challenge.ts'
import { listWorkerReports, saveWorkerReport } from './keep-worker-reports.ts'
import { keepWriters } from './keep-writers.ts'
import { operationKey } from './keys.ts'
import { publishCapture } from './publish-capture.ts'
import { readSession } from './read-session.ts'
import { recordCheck } from './record-check.ts'
import { resetLogins } from './reset-logins.ts'
import { createScriptRunner } from './run-script.ts'
import { asStoreProblem } from './store-problem.ts'
import { writeRevision } from './write-revision.ts'

/** For a Redis that starts together with its brokers. */
const startMs = 3_000

/**
 * The store of any number of brokers. Warns of what this Redis may lose.
 * @throws ProblemError `store_unavailable` when it can't be reached, refuses, or would throw sessions away.
 */
export async function connectRedisStore({
  target,
  log,
}: {
  target: RedisTarget
  log: Log
}): Promise<SessionStore & WorkerBoard & WriterBoard & ChallengeBoard> {
  const commands = openRedisConnection({ target, log })
  const subscriber = commands.openSubscriber()
  const close = () => Promise.all([commands.close(), subscriber.close()])
  try {
    await Promise.all([commands.connected(startMs), subscriber.connected(startMs)])
    await warnOfLoss(commands, log)
    const { watch, tell } = createChangeListeners()
    const unfollow = await followChanges(subscriber, tell).catch(translated(subscriber))
    return {
      ...onConnection(commands),
      watch,
      async close() {
        unfollow()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function onConnection(
  connection: RedisConnection,
): Omit<SessionStore & WorkerBoard & WriterBoard & ChallengeBoard, 'watch' | 'close'> {
  const { client } = connection
  const run = createScriptRunner(connection, { withinMs: connection.commandTimeoutMs })
  const rejected = translated(connection)
  return {
    read: (place) => readSession(run, place),
    beginLogin: (place, login) => beginLogin(run, place, login),
    grantPermit: (place, permit) => grantPermit(run, place, permit),
    commitLogin: (place, login) => commitLogin(run, place, login),
    publishCapture: (place, capture) => publishCapture(run, place, capture),
    forgetSession: (place, known) => forgetSession(run, place, known),
    failLogin: (place, login) => failLogin(run, place, login),
    abandonLogin: (place, login) => abandonLogin(run, place, login),
    ...keepChallenges(run),
    ...keepWriters(run),
    claimCode: (place, window) => claimCode(run, place, window),
    resetLogins: (place) => resetLogins(run, place),
    recordCheck: (place, check) => recordCheck(run, place, check),
    writeRevision: (place, change) => writeRevision(run, place, change),
    async saveOperation(place, record, keepMs) {
      const key = operationKey(place, record.operation.id)
      await client.set(key, writeOperationRecord(record), 'PX', Math.ceil(keepMs)).catch(rejected)
    },
    async readOperation(place, id) {
      const found = await client.get(operationKey(place, id)).catch(rejected)
      return found === null ? undefined : readOperationRecord(found)
    },
    save: (place, status) => saveWorkerReport(run, place, status),
    list: (place) => listWorkerReports(client, place, Date.now()).catch(rejected),
    async ping() {
      await connection.ping().catch(rejected)
    },
  }
}

async function warnOfLoss(connection: RedisConnection, log: Log): Promise<void> {
  const warnings = await inspectRedis(connection.masters()).catch(translated(connection))
  for (const reason of warnings) log.warn({ reason }, 'Redis may lose sessions')
}

function translated({ address }: Pick<RedisConnection, 'address'>): (error: unknown) => never {
  return (error) => {
    throw asStoreProblem(address, error)
  }
}
