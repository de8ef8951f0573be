import { type IssuedSession, issuedSessionSchema, toNetscape } from '@session-broker/shared'

/** The forms that are the same bytes for as long as the version is the same. */
export const readyFormats = ['json', 'storage-state', 'netscape'] as const
export type ReadyFormat = (typeof readyFormats)[number]

export const contentTypes = {
  json: 'application/json; charset=utf-8',
  'storage-state': 'application/json; charset=utf-8',
  netscape: 'text/plain; charset=utf-8',
} as const satisfies Record<ReadyFormat, string>

/** The bytes that readers get, held against the schema once. @throws ZodError where the state is not as promised. */
export function renderSession(issued: IssuedSession, format: ReadyFormat): Buffer {
  const valid = issuedSessionSchema.parse(issued)
  const { cookies, origins } = valid
  if (format === 'netscape') return Buffer.from(toNetscape(cookies))
  return Buffer.from(JSON.stringify(format === 'json' ? valid : { cookies, origins }))
}
