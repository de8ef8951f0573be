import type { DescribedError } from './describe-error.ts'

/** An error and its causes, each with its frames; begins with a line break. */
export function formatError({ name, code, message, stack, cause }: DescribedError): string {
  const head = `\n  ${oneLine(name)}${code === undefined ? '' : ` (${oneLine(String(code))})`}: ${oneLine(message)}`
  return `${head}${stack ? `\n${stack}` : ''}${cause ? formatError(cause) : ''}`
}

/** What an error and its causes say, in one line. */
export function summarizeError({ message, cause }: DescribedError): string {
  return `${oneLine(message)}${cause ? ` (${summarizeError(cause)})` : ''}`
}

/** Without what would steer a terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
