import type { ApiDocument, Header, Operation } from './api-document.ts'

const text = (description: string): Header => ({ description, schema: { type: 'string' } })
const seconds = (description: string): Header => ({ description, schema: { type: 'integer' } })

/** Headers that belong to a status, whatever the route. */
const byStatus: Record<string, Record<string, Header>> = {
  202: { Location: text('Where the end will stand: `/operations/{id}`.') },
  304: { ETag: text('Names exactly this state.') },
  401: { 'WWW-Authenticate': text('`Bearer` (RFC 6750).') },
  405: { Allow: text('The methods that the route knows.') },
  429: { 'Retry-After': seconds('Seconds.') },
  503: { 'Retry-After': seconds('Seconds after which it is worth asking again.') },
}

const ofCookies: Record<string, Header> = {
  ETag: text('Names exactly this state; not with format=header.'),
  'Session-Status': text('live, dead or unknown, as of the last check.'),
  'Session-Stale-Seconds': seconds(
    'Only while the store does not answer: since when. There may be a newer state.',
  ),
}

const ofPut: Record<string, Header> = { ETag: text('Names exactly the state that was published.') }

const bodyMayBeLeftOut: ReadonlySet<string | undefined> = new Set(['refreshSession', 'resetLogins'])

/** Adds what the routes' schemas have no place for: the headers of answers, and a body that may be left out. */
export function addAnswerHeaders(document: ApiDocument): ApiDocument {
  const paths: Record<string, Record<string, Operation>> = JSON.parse(JSON.stringify(document.paths ?? {}))
  for (const path of Object.values(paths)) {
    for (const operation of Object.values(path)) addTo(operation)
  }
  return Object.assign({}, document, { paths })
}

function addTo({ operationId, responses = {}, requestBody }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    const isState = operationId === 'readCookies' && (status === '200' || status === '304')
    const isPut = operationId === 'putCookies' && status.startsWith('2')
    const headers = { ...byStatus[status], ...(isState && ofCookies), ...(isPut && ofPut) }
    if (Object.keys(headers).length > 0) response.headers = structuredClone(headers)
  }
  if (bodyMayBeLeftOut.has(operationId) && requestBody) requestBody.required = false
}
