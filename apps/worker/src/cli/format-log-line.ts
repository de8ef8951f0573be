/** A JSON log line as one line for people: time, level, message, fields. */
export function formatLogLine(line: string): string {
  const { level, time, message, error, ...fields } = JSON.parse(line)
  const words = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`)
  const head = [String(time).slice(11, 23), String(level).toUpperCase().padEnd(5), oneLine(message), ...words]
  return `${head.join(' ')}${error ? `: ${oneLine(error.message)}` : ''}\n`
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)
}

/** Without what would steer a terminal. */
function oneLine(text: unknown): string {
  return String(text).replace(/\p{Cc}+/gu, ' ')
}
