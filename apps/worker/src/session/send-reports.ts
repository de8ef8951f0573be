import { errorCodes, ProblemError, type WorkerReport } from '@session-broker/shared'
import { createBackOff } from './back-off.ts'
import type { BrokerPort } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'

/** A report as it is kept until it is sent. */
export interface KeptReport extends Omit<WorkerReport, 'appliedAgoMs'> {
  /** When the state had been read back from Chrome, by the monotonic clock. */
  appliedAtMs?: number
}

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
      await broker.report(as, () => asOfNow(report, clock), signal)
      away.reset()
      return true
    } catch (error) {
      const isRefused = error instanceof ProblemError && !errorCodes[error.code].retry
      if (!isRefused) return false
      const { session, generation } = report
      log.warn({ session, generation, worker: as, code: error.code, error }, 'report refused')
      return true
    }
  }

  return (report: KeptReport, as = workerId): void => {
    pending = { ...report, as }
    if (!isSending) void sendPending()
  }
}

interface Report extends KeptReport {
  /** The worker's name. */
  as: string
}

function asOfNow({ appliedAtMs, ...report }: KeptReport, clock: Clock): WorkerReport {
  if (appliedAtMs === undefined) return report
  return { ...report, appliedAgoMs: Math.round(10 * (clock.monotonicMs() - appliedAtMs)) / 10 }
}

export type SendReport = ReturnType<typeof createReporter>
