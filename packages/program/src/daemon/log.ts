import pino from 'pino'
import { describeError } from '../describe-error.ts'
import type { LogLevel } from '../log-level.ts'
import { formatLogLine } from './format-log-line.ts'

type Write<Fields> = (fields: Fields, message: string) => void

/** Fits the `Log` ports of the domains. */
export interface ProgramLog<Fields> {
  info: Write<Fields>
  warn: Write<Fields>
  error: Write<Fields>
  /** Written whatever the level, with `audit: true`. */
  audit: Write<Fields>
}

const mostCharacters = 1_000

/**
 * A program's log: JSON lines, or lines for people. Of the fields only the allowed ones are written, and of those only
 * texts, numbers and, called `error`, a described error, whatever a caller hands in.
 * @param allowed every field that the port names: a new one doesn't compile until it stands there.
 * @param write takes a whole line; without it the line goes to stderr at once, so that none is lost at the end.
 */
export function createLog<Fields extends object>(options: {
  allowed: Record<keyof Fields & string, true>
  level: LogLevel
  pretty?: boolean
  write?: (line: string) => void
}): ProgramLog<Fields> {
  const { level, pretty = false, write = writeToStderr() } = options
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
  const auditor = logger.child({ audit: true }, { level: 'info' })
  const allowed = Object.keys(options.allowed) as (keyof Fields & string)[]
  return {
    info: (fields, message) => logger.info(pick(fields, allowed), message),
    warn: (fields, message) => logger.warn(pick(fields, allowed), message),
    error: (fields, message) => logger.error(pick(fields, allowed), message),
    audit: (fields, message) => auditor.info(pick(fields, allowed), message),
  }
}

function writeToStderr(): (line: string) => void {
  const stderr = pino.destination({ dest: 2, sync: true })
  return (line) => stderr.write(line)
}

function pick<Fields extends object>(
  fields: Fields,
  allowed: readonly (keyof Fields & string)[],
): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of allowed) {
    const value: unknown = fields[name]
    if (value === undefined) continue
    if (name === 'error') picked[name] = describeError(value)
    else if (typeof value === 'string') picked[name] = value.slice(0, mostCharacters)
    else if (typeof value === 'number') picked[name] = value
  }
  return picked
}
