import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@session-broker/program/clock'
import type { CaughtSignals, Terminal } from '@session-broker/program/daemon'
import { createStandings, type Standing } from '../../session/standings.ts'
import type { WorkerOptions } from '../start-worker.ts'
import { chromeAddresses } from './chrome-addresses.ts'
import { lookBeside } from './look-beside.ts'
import { NotSignedInError } from './not-signed-in-error.ts'
import { noteTroubles } from './note-troubles.ts'
import { createSignedInBoard } from './signed-in-board.ts'
import { type Job, startJob } from './start-job.ts'
import { type WhyOrder, whyNotIn } from './why-not-in.ts'

export interface ExecOrder {
  worker: Omit<WorkerOptions, 'signal' | 'standings'>
  startWorker(options: WorkerOptions): Promise<void>
  command: string
  args: readonly string[]
  env: Record<string, string>
  /** How long the sessions may take to be in. */
  waitMs: number
  signals: Pick<CaughtSignals, 'giveTo'>
  readTerminal: () => Terminal
}

const stopMs = 10_000
const endsTheWait: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

/**
 * Starts the job once every session is signed in in every Chrome, keeps them so while it runs, and stops the worker after it.
 * @returns the job's exit code, or 128 and the signal's number where one came before the job was started
 * @throws NotSignedInError, JobNotStartedError, what `startWorker` throws before the job was started
 */
export async function execJob(order: ExecOrder): Promise<number> {
  const { worker, signals } = order
  const stop = new AbortController()
  const over = new AbortController()
  const standings = createStandings(systemClock)
  const board = createSignedInBoard({
    ...{ standings, sessions: worker.sessions, chromes: countChromes(worker) },
    lookBeside: (standing) => lookBeside({ ...worker, standing, signal: over.signal }),
  })
  const troubles = noteTroubles(worker.log)
  const { log } = troubles
  const working = order.startWorker({ ...worker, log, standings, signal: stop.signal })
  // Where the worker gives up while the job runs, its log has said why, and the job goes on.
  working.catch(() => undefined)
  const early = takeSignals(signals)
  try {
    const bound = AbortSignal.any([early.signal, AbortSignal.timeout(order.waitMs)])
    await Promise.race([board.allIn(bound), working])
    over.abort()
    if (early.name) return 128 + constants.signals[early.name]
    const missing = board.firstMissing()
    if (missing) throw await notSignedIn(worker, { missing, troubles: troubles.of(missing.session) })
    const addresses = await chromeAddresses(whereChromesAre(worker, standings.all()))
    const job = await startJob({ ...order, env: { ...order.env, ...addresses } })
    early.handTo(job)
    return await job.ended
  } finally {
    over.abort()
    stop.abort()
    await Promise.race([working.catch(() => undefined), sleep(stopMs, undefined, { ref: false })])
  }
}

async function notSignedIn(
  worker: Pick<WorkerOptions, 'brokers' | 'key'>,
  known: Pick<WhyOrder, 'missing' | 'troubles'>,
): Promise<NotSignedInError> {
  return new NotSignedInError(known.missing, await whyNotIn({ ...worker, ...known }))
}

function countChromes({ chromes }: Pick<WorkerOptions, 'chromes'>): number {
  return 'launch' in chromes ? 1 : chromes.length
}

/** In the order in which they were named. */
function whereChromesAre(
  { chromes }: Pick<WorkerOptions, 'chromes'>,
  standings: readonly Standing[],
): readonly string[] {
  return 'launch' in chromes ? standings.slice(0, 1).map(({ address }) => address) : chromes
}

/** Signals end the wait for the sessions; from the start of the job on they are the job's. */
function takeSignals(signals: Pick<CaughtSignals, 'giveTo'>) {
  const arrived = new AbortController()
  let job: Job | undefined
  const taken = {
    signal: arrived.signal,
    name: undefined as NodeJS.Signals | undefined,
    handTo(started: Job): void {
      job = started
      // It came while the job was being started.
      if (taken.name) job.signal(taken.name)
    },
  }
  signals.giveTo((name) => {
    if (job) return job.signal(name)
    if (!endsTheWait.includes(name)) return
    taken.name ??= name
    arrived.abort()
  })
  return taken
}
