import { formatError, oneLine, summarizeError } from '../format-error.ts'

/**
 * A JSON log line as one line for people: time, level, message, fields. A warning tells what its error says, since such
 * things happen; below an error stand the frames, since nobody foresaw it.
 */
export function formatLogLine(line: string): string {
  const { level, time, message, error, ...fields } = JSON.parse(line)
  const clock = String(time).slice(11, 23)
  const words = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`)
  const head = [clock, String(level).toUpperCase().padEnd(5), oneLine(String(message)), ...words].join(' ')
  if (!error) return `${head}\n`
  return `${head}${level === 'error' ? formatError(error) : `: ${summarizeError(error)}`}\n`
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)
}
