import pino from 'pino'
import type { Log, LogFields } from '../session/ports/log.ts'
import { describeError } from './describe-error.ts'
import { formatLogLine } from './format-log-line.ts'

export const logLevels = ['info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

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
  error: true,
} satisfies Record<keyof LogFields, true>

const mostCharacters = 1_000

/**
 * The broker's log: JSON lines, or lines for people. Of the fields only those that the port names are written, and
 * of those only texts, numbers and described errors, whatever a caller hands in.
 * @param write takes a whole line; without it the line goes to stderr at once, so that none is lost at the end.
 */
export function createLog(options: {
  level: LogLevel
  pretty?: boolean
  write?: (line: string) => void
}): Log {
  const { level, pretty = false, write = writeToStderr } = options
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(pretty ? formatLogLine(line) : line) },
  )
  return {
    info: (fields, message) => logger.info(pick(fields), message),
    warn: (fields, message) => logger.warn(pick(fields), message),
    error: (fields, message) => logger.error(pick(fields), message),
    audit: (fields, message) => logger.info({ ...pick(fields), audit: true }, message),
  }
}

const stderr = pino.destination({ dest: 2, sync: true })

function writeToStderr(line: string): void {
  stderr.write(line)
}

function pick(fields: LogFields): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of Object.keys(allowed) as (keyof LogFields)[]) {
    const value = fields[name]
    if (value === undefined) continue
    if (name === 'error') picked[name] = describeError(value)
    else if (typeof value === 'string') picked[name] = value.slice(0, mostCharacters)
    else if (typeof value === 'number') picked[name] = value
  }
  return picked
}
