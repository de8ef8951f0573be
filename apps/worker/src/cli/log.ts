import { createLog, type LogLevel } from '@session-broker/program/daemon'
import type { Log, LogFields } from '../session/ports/log.ts'

/** Every field of the port; a new one doesn't compile until it is allowed here. */
const allowed = {
  session: true,
  generation: true,
  revision: true,
  outcome: true,
  code: true,
  reason: true,
  durationMs: true,
  applyMs: true,
  chrome: true,
  broker: true,
  worker: true,
  address: true,
  error: true,
} satisfies Record<keyof LogFields, true>

/** The worker's log, on stderr. */
export function createWorkerLog(options: { level: LogLevel; pretty?: boolean }): Log {
  return createLog<LogFields>({ ...options, allowed })
}
