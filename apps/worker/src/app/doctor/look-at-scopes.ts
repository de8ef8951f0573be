import { ask, problemOf } from './ask.ts'
import type { Notes } from './finding.ts'
import { withSlash } from './look-at-broker.ts'

export interface ScopeLook {
  url: URL
  key: string
  session: string
  notes: Notes
}

/**
 * What the key may do beside reading. The questions are such that the broker refuses them, after it has looked at the key: nothing
 * is refreshed or published by them.
 */
export async function lookAtScopes(look: ScopeLook): Promise<void> {
  const { notes } = look
  const refresh = await refusalOf(look, {
    method: 'POST',
    path: 'session/refresh',
    body: '{"generation":-1}',
  })
  if (refresh === 'scope_missing')
    notes.fail(
      'key-refresh',
      'the key lacks the scope refresh: run and exec can tell nobody that a session has ended',
    )
  else if (refresh === 'request_invalid') notes.ok('key-refresh', 'the key may ask for a refresh')
  else notes.warn('key-refresh', `whether the key may ask for a refresh is not clear (${refresh})`)
  const write = await refusalOf(look, { method: 'PUT', path: 'session/cookies', body: '{}' })
  const may =
    write === 'scope_missing' ? 'may not write: capture needs a key of its own' : 'may write: capture works'
  notes.ok('key-write', `the key ${may}`)
}

async function refusalOf(
  { url, key, session }: ScopeLook,
  { method, path, body }: { method: 'POST' | 'PUT'; path: string; body: string },
): Promise<string> {
  const target = new URL(path, withSlash(url))
  target.searchParams.set('session', session)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const answer = await ask(target, { method, headers, body })
  return problemOf(answer)?.code ?? `status ${answer.status}`
}
