import { hash } from 'node:crypto'
import { ProblemError } from '@session-broker/shared'
import type { ApiKey } from './api-key.ts'
import { type Principal, principalOfKey } from './principal.ts'

/** `Bearer` and its token (RFC 6750 §2.1); the scheme's case does not matter (RFC 9110 §11.1). */
const bearer = /^bearer +([\x21-\x7e]+) *$/i
/** More than there are keys: one key may be written in several ways. */
const mostRemembered = 256

/**
 * Tells whose key an `Authorization` header shows. Keys are found by their hash, so that how long it takes says
 * nothing about them; a header that was accepted is remembered, since hashing would cost more than answering.
 * @throws ProblemError `key_missing`, `key_unknown`.
 */
export function createKeyRing(keys: readonly ApiKey[]) {
  const byHash = new Map(keys.map((key) => [key.hash.toLowerCase(), principalOfKey(key)]))
  const accepted = new Map<string, Principal>()

  return function recognize(authorization: string | undefined): Principal {
    if (authorization === undefined) throw noKey()
    const known = accepted.get(authorization)
    if (known) return known
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined) throw noKey()
    const principal = byHash.get(hash('sha256', token))
    if (!principal) throw new ProblemError('key_unknown', 'the key is not one of this broker’s')
    if (accepted.size >= mostRemembered) accepted.clear()
    accepted.set(authorization, principal)
    return principal
  }
}

function noKey(): ProblemError {
  return new ProblemError('key_missing', 'send the header Authorization: Bearer sb_…')
}
