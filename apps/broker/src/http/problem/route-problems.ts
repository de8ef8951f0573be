import { type ErrorCode, errorCodes, problemSchema } from '@session-broker/shared'
import { z } from 'zod'

export interface ProblemResponse {
  description: string
  content: { 'application/problem+json': { schema: typeof problemSchema } }
}

/** Any route can answer with these. */
const always = ['request_invalid', 'origin_refused', 'host_not_allowed', 'internal'] as const
/** Any route that asks for a key. */
const guarded = ['key_missing', 'key_unknown', 'scope_missing', 'rate_limited', 'overloaded'] as const
/** Any route with `?session=`. */
const ofOneSession = ['session_unknown', 'session_ambiguous'] as const

/** What a refresh may end in. */
export const refreshProblems = [
  'store_unavailable',
  'state_unreadable',
  'check_unclear',
  'shutting_down',
  ...(Object.keys(errorCodes) as ErrorCode[]).filter((code) => code.startsWith('login_')),
] as const satisfies readonly ErrorCode[]

/** The problem responses of an open route, by status, for its schema. */
export function openProblems(...codes: ErrorCode[]): Record<number, ProblemResponse> {
  const byStatus = Map.groupBy(new Set([...always, ...codes]), (code) => errorCodes[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  )
}

/** The same for a route behind a key. */
export function guardedProblems(...codes: ErrorCode[]): Record<number, ProblemResponse> {
  return openProblems(...guarded, ...codes)
}

/** The same for a route about one session. */
export function sessionProblems(...codes: ErrorCode[]): Record<number, ProblemResponse> {
  return guardedProblems(...ofOneSession, ...codes)
}

/** A JSON answer with a description, for a route's schema. */
export function answers<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } }
}

/** An answer without a body. */
export function answersNothing(description: string) {
  return z.null().meta({ description })
}
