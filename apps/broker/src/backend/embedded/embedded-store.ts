import { ProblemError } from '@session-broker/shared'
import type { OpenChallenge } from '../../session/login-history.ts'
import type { ChallengeBoard } from '../../session/ports/challenge-board.ts'
import type { SessionPlace, SessionStore, Snapshot } from '../../session/ports/session-store.ts'
import type { WorkerBoard } from '../../session/ports/worker-board.ts'
import type { WriterBoard } from '../../session/ports/writer-board.ts'
import { createChangeListeners } from '../change-listeners.ts'
import { abandonLogin } from './abandon-login.ts'
import { beginLogin } from './begin-login.ts'
import { findChallenged } from './challenged-table.ts'
import { claimCode } from './claim-code.ts'
import { commitLogin } from './commit-login.ts'
import { failLogin } from './fail-login.ts'
import { forgetSession } from './forget-session.ts'
import { grantPermit } from './grant-permit.ts'
import { inTransaction } from './in-transaction.ts'
import { keepChallenges } from './keep-challenge.ts'
import { findOperation, saveOperation } from './keep-operations.ts'
import { listWorkerReports, saveWorkerReport } from './keep-worker-reports.ts'
import { keepWriters } from './keep-writers.ts'
import { findLogin } from './login-table.ts'
import { openDatabase } from './open-database.ts'
import { publishCapture } from './publish-capture.ts'
import { recordCheck } from './record-check.ts'
import { findRestraint, liftRestraint } from './restraint-table.ts'
import { findSession } from './session-table.ts'
import type { Step } from './step.ts'
import { findSubmissions } from './submission-table.ts'
import { writeRevision } from './write-revision.ts'

/**
 * The store of a broker that is alone: one SQLite file in its data folder, locked to this process.
 * @param now milliseconds since 1970
 * @throws ProblemError `store_unavailable`: another broker uses the folder, or it can't be used.
 */
export function openEmbeddedStore({
  folder,
  now = Date.now,
}: {
  folder: string
  now?: () => number
}): SessionStore & WorkerBoard & WriterBoard & ChallengeBoard {
  const db = openDatabase(folder)
  const { watch, tell } = createChangeListeners()

  async function run<T>(work: (step: Step) => T): Promise<T> {
    try {
      return inTransaction(db, () => work({ db, nowMs: now() }))
    } catch (error) {
      throw unavailable(folder, error)
    }
  }

  /** @param changed what of the result means that there is something to tell. */
  async function change<T>(
    { session }: SessionPlace,
    work: (step: Step) => T,
    changed: (result: T) => boolean,
  ): Promise<T> {
    const result = await run(work)
    if (changed(result)) tell(session)
    return result
  }

  const isTrue = (result: boolean) => result
  const { find: findChallenge, ...challenges } = keepChallenges({ run, tell })

  return {
    read: (place) =>
      run((step) => {
        const attempt = findLogin(step, place.account)
        return {
          ...findSession(step, place),
          ...(attempt && { attempt }),
          ...findRestraint(step, place.account),
          submissions: findSubmissions(step, place.account),
          ...challengeIn(findChallenge(step, place)),
          challengedAtMs: findChallenged(step, place.account),
          nowMs: step.nowMs,
        }
      }),
    beginLogin: (place, login) =>
      change(
        place,
        (step) => beginLogin(step, place, login),
        ({ begun }) => begun,
      ),
    grantPermit: (place, permit) =>
      change(
        place,
        (step) => grantPermit(step, place, permit),
        (answer) => answer === 'granted',
      ),
    commitLogin: (place, login) =>
      change(
        place,
        (step) => commitLogin(step, place, login),
        (outcome) => outcome !== 'fenced',
      ),
    publishCapture: (place, capture) =>
      change(
        place,
        (step) => publishCapture(step, place, capture),
        (outcome) => outcome === 'committed',
      ),
    forgetSession: (place, known) =>
      change(
        place,
        (step) => forgetSession(step, place, known),
        (outcome) => outcome === 'forgotten',
      ),
    failLogin: async (place, login) => {
      await change(place, (step) => failLogin(step, place, login), isTrue)
    },
    abandonLogin: async (place, login) => {
      await change(place, (step) => abandonLogin(step, place, login), isTrue)
    },
    ...challenges,
    ...keepWriters(now),
    claimCode: (place, window) => run((step) => claimCode(step, place, window)),
    resetLogins: (place) =>
      change(
        place,
        (step) => liftRestraint(step, place.account),
        () => true,
      ),
    recordCheck: (place, check) => change(place, (step) => recordCheck(step, place, check), isTrue),
    writeRevision: (place, revision) => change(place, (step) => writeRevision(step, place, revision), isTrue),
    saveOperation: (place, record, keepMs) => run((step) => saveOperation(step, place, { record, keepMs })),
    readOperation: (place, id) => run((step) => findOperation(step, place, id)),
    save: (place, status) => run((step) => saveWorkerReport(step, place, status)),
    list: (place) => run((step) => listWorkerReports(step, place)),
    watch,
    ping: () => run(({ db }) => void db.prepare('SELECT 1').get()),
    async close() {
      if (db.isOpen) db.close()
    },
  }
}

function challengeIn(posted: OpenChallenge | undefined): Pick<Snapshot, 'challenge'> {
  if (!posted) return {}
  const { id, kind, openedAtMs, expiresAtMs } = posted
  return { challenge: { id, kind, openedAtMs, expiresAtMs } }
}

/** SQLite's messages name tables and conditions, never values. */
function unavailable(folder: string, error: unknown): ProblemError {
  const why = error instanceof Error ? error.message : String(error)
  return new ProblemError('store_unavailable', `the embedded store in ${folder} does not work: ${why}`, {
    cause: error,
  })
}
