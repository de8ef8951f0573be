import { ProblemError, type WorkerReport } from '@session-broker/shared'
import { createBackOff } from './back-off.ts'
import type { BrokerPort } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'

export interface ReportDependencies {
  broker: Pick<BrokerPort, 'report'>
  clock: Clock
  log: Log
  signal: AbortSignal
}

/**
 * Tells the broker what one Chrome holds of one session. Nobody waits for it; while the broker is away only the newest
 * report is kept, and sent when it is back.
 */
export function createReporter({ broker, clock, log, signal }: ReportDependencies, workerId: string) {
  const away = createBackOff(clock, { firstMs: 1_000, longestMs: 60_000 })
  let pending: Report | undefined
  let isSending = false

  async function sendPending(): Promise<void> {
    isSending = true
    while (pending && !signal.aborted) {
      const report = pending
      const isDone = await send(report)
      if (isDone && pending === report) pending = undefined
      if (!isDone) await clock.wait(away.nextMs(), signal)
    }
    isSending = false
  }

  /** @returns false where it should be tried again */
  async function send({ as, ...report }: Report): Promise<boolean> {
    try {
      await broker.report(as, report, signal)
      away.reset()
      return true
    } catch (error) {
      if (!(error instanceof ProblemError)) return false
      const { session, generation } = report
      log.warn({ session, generation, worker: as, code: error.code, error }, 'report refused')
      return true
    }
  }

  return (report: WorkerReport, as = workerId): void => {
    pending = { ...report, as }
    if (!isSending) void sendPending()
  }
}

interface Report extends WorkerReport {
  /** The worker's name. */
  as: string
}

export type SendReport = ReturnType<typeof createReporter>
