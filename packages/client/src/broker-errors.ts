/** No replica of the broker could be reached or gave an answer in time. A later call may succeed. */
export class BrokerUnreachableError extends Error {
  override readonly name = 'BrokerUnreachableError'
}

/** Something answered, and not as a broker does: a proxy's error page, another service at that address. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
}

/** Why a connection failed, in words; node:net puts the reason into `code`, sometimes of the cause. */
export function describeNetworkFailure(error: unknown): string {
  const code = codeOf(error)
  return (code && networkFailures[code]) ?? code ?? 'the connection failed'
}

const networkFailures: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be resolved',
  ETIMEDOUT: 'the connection took too long',
  TimeoutError: 'it did not answer in time',
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  if (error.name === 'TimeoutError') return error.name
  if ('code' in error && typeof error.code === 'string') return error.code
  return codeOf(error.cause)
}
