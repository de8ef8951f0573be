import { createLog, type LogLevel } from '@session-broker/program/daemon'
import type { Log, LogFields } from '../session/ports/log.ts'

/** Every field of the port; a new one doesn't compile until it is allowed here. */
const allowed = {
  session: true,
  generation: true,
  revision: true,
  operationId: true,
  outcome: true,
  code: true,
  reason: true,
  durationMs: true,
  key: true,
  method: true,
  route: true,
  status: true,
  evidence: true,
  error: true,
} satisfies Record<keyof LogFields, true>

/** The broker's log. @param write takes a whole line; without it the line goes to stderr. */
export function createBrokerLog(options: {
  level: LogLevel
  pretty?: boolean
  write?: (line: string) => void
}): Log {
  return createLog<LogFields>({ ...options, allowed })
}
