import { type ErrorCode, ProblemError } from '@session-broker/shared'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'

/** Fastify's own error codes that a caller can cause. */
const fastifyCodes: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['body_malformed', 'the body is not JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['body_malformed', 'the body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['body_malformed', 'the body is not as long as Content-Length says'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'media_type_unsupported',
    'send the body as Content-Type: application/json',
  ],
  FST_ERR_BAD_URL: ['request_invalid', 'the path is not a valid one: look at its %-escapes'],
  FST_ERR_MAX_PARAM_LENGTH: ['request_invalid', 'a part of the path is too long'],
}

/**
 * What an error means to the caller; `undefined` where it is a mistake of the broker's own.
 * @param bodyLimitBytes how large a body the route takes
 */
export function translateError(error: unknown, bodyLimitBytes = 0): ProblemError | undefined {
  if (error instanceof ProblemError) return error
  if (codeOf(error) === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new ProblemError('body_too_large', `the body is larger than ${bodyLimitBytes / 1024} kB`)
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation
    const field = [error.validationContext, ...(first?.instancePath.split('/').filter(Boolean) ?? [])].join(
      '.',
    )
    return new ProblemError('request_invalid', `${field}: ${first?.message ?? 'not valid'}`.slice(0, 500))
  }
  const known = fastifyCodes[codeOf(error)]
  return known && new ProblemError(...known, { cause: error })
}

function codeOf(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
  return hasCode ? String(error.code) : ''
}
