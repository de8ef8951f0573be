import { type ErrorCode, ProblemError } from '@session-broker/shared'

const finalCodes: ReadonlySet<ErrorCode> = new Set([
  'request_invalid',
  'session_ambiguous',
  'key_missing',
  'key_unknown',
  'scope_missing',
  'origin_refused',
  'session_unknown',
  'host_not_allowed',
])

/** Answers that stay the same until somebody changes the key, the configuration or the question. */
export function isFinal(error: unknown): error is ProblemError {
  return error instanceof ProblemError && finalCodes.has(error.code)
}
