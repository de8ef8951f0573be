import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A new bearer token: `sb_` and 256 random bits. */
export function createApiKey(): string {
  return `sb_${randomBytes(32).toString('base64url')}`
}

/** SHA-256 in hex, as the config keeps it. A plain hash suffices: 256 random bits can't be guessed from it. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** Whether a shown key is the one with this hash, in a time that tells nothing. */
export function isApiKey(shown: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'hex')
  const actual = createHash('sha256').update(shown).digest()
  return expected.length === actual.length && timingSafeEqual(actual, expected)
}
