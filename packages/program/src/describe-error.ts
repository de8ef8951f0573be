export interface DescribedError {
  name: string
  code?: string | number
  message: string
  /** Where it was thrown: `at …` lines only. */
  stack?: string
  cause?: DescribedError
}

const deepestCause = 5
const mostCharacters = 500

/**
 * What of an error may be logged. Of its message the first line: in the next ones drivers tell what they did, and
 * Playwright's "Call log" repeats what was typed. Of its stack the frames, since it begins with the whole message.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error))
    return { name: typeof error, message: 'something other than an error was thrown' }
  const { code } = error as { code?: unknown }
  const stack = framesOf(error.stack)
  const hasCause = error.cause !== undefined && error.cause !== null && depth < deepestCause
  return {
    name: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message: messageOf(error),
    ...(stack !== '' && { stack }),
    ...(hasCause && { cause: describeError(error.cause, depth + 1) }),
  }
}

/** `JSON.parse` quotes what it could not read, and that may be a session. */
function messageOf({ name, message }: Error): string {
  if (name === 'SyntaxError' && message.endsWith('is not valid JSON')) return 'the text is not valid JSON'
  return message.slice(0, mostCharacters).split(/[\r\n]/, 1)[0] ?? ''
}

function framesOf(stack: string | undefined): string {
  const lines = stack?.split('\n') ?? []
  return lines.filter((line) => /^ {4}at \S/.test(line)).join('\n')
}
