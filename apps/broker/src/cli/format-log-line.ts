import type { DescribedError } from './describe-error.ts'

/** A JSON log line as one line for people: time, level, message, fields; of an error its frames below. */
export function formatLogLine(line: string): string {
  const { level, time, message, error, ...fields } = JSON.parse(line)
  const clock = String(time).slice(11, 23)
  const words = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`)
  const head = [clock, String(level).toUpperCase().padEnd(5), oneLine(String(message)), ...words].join(' ')
  return `${head}${error ? formatError(error) : ''}\n`
}

/** An error and its causes, each with its frames; begins with a line break. */
export function formatError({ name, code, message, stack, cause }: DescribedError): string {
  const head = `\n  ${oneLine(name)}${code === undefined ? '' : ` (${oneLine(String(code))})`}: ${oneLine(message)}`
  return `${head}${stack ? `\n${stack}` : ''}${cause ? formatError(cause) : ''}`
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)
}

/** Without what would steer a terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
