import { ProblemError } from '@session-broker/shared'

/**
 * Which state a PUT takes the place of: the versions that `If-Match` names, compared strongly (RFC 9110 §13.1.1, so that a weak ETag
 * fits none), or `none` by `If-None-Match: *`.
 * @throws ProblemError `precondition_required` where neither is there, `request_invalid` for what says neither.
 */
export function stateCondition(headers: {
  'if-match'?: string | undefined
  'if-none-match'?: string | undefined
}): readonly string[] | 'none' {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  if (ifMatch === undefined && ifNoneMatch === undefined) {
    throw new ProblemError(
      'precondition_required',
      'send If-Match with the ETag of the state that this takes the place of, or If-None-Match: * for the first one',
    )
  }
  if (ifMatch === undefined && ifNoneMatch?.trim() === '*') return 'none'
  const tags = ifNoneMatch === undefined && ifMatch?.trim() !== '*' ? strongTags(ifMatch) : []
  if (tags.length > 0) return tags
  throw new ProblemError(
    'request_invalid',
    'headers: wants either If-Match with an ETag of GET /session/cookies, or If-None-Match: *',
  )
}

/** Without their quotes; a weak one keeps its `W/`, and so is no state's. */
function strongTags(text = ''): string[] {
  return [...text.matchAll(/(W\/)?"([^"]*)"/g)].map(([, weak = '', tag = '']) => weak + tag)
}
