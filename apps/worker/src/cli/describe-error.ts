export interface DescribedError {
  name: string
  code?: string
  message: string
}

const mostCharacters = 500

/** What of an error may be logged: our own errors are one sentence each, and of others the first line says enough. */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error))
    return { name: typeof error, message: 'something other than an error was thrown' }
  const { code } = error as { code?: unknown }
  const message = error.message.slice(0, mostCharacters).split(/[\r\n]/, 1)[0] ?? ''
  return { name: error.name, ...(typeof code === 'string' && { code }), message }
}
