import { createHash, randomBytes } from 'node:crypto'

/** A new bearer token: `sb_` and 256 random bits. */
export function createApiKey(): string {
  return `sb_${randomBytes(32).toString('base64url')}`
}

/** SHA-256 in hex, as the config keeps it. A plain hash suffices: 256 random bits can't be guessed from it. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
