import { createHash } from 'node:crypto'

/** A 256-bit secret and the name by which seals refer to it. */
export interface SealingKey {
  id: string
  key: Buffer
}

/** The id tells keys apart and gives nothing of the key away: the first 8 hex digits of its SHA-256. */
export function sealingKey(key: Buffer): SealingKey {
  return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key }
}
