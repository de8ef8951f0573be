import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SealingKey } from './sealing-key.ts'

const format = 'sb1'
const cipher = 'aes-256-gcm'
/** NIST SP 800-38D §8.2.2: a random nonce of 96 bits, good for 2^32 seals with one key. */
const nonceLength = 12
/** Said at both ends: without it Node opens a tag that was cut to 4 bytes. */
const authTagLength = 16

/** Where a text belongs; its first part says what it is. */
export type SealedPlace = readonly [kind: string, ...parts: (string | number)[]]

export type Unsealed = { text: string } | { text?: undefined; why: string }

/**
 * AES-256-GCM. A seal is `sb1.<key id>.<base64url of nonce, ciphertext, tag>`; the format, the key's id and the place
 * are authenticated with it, so that a seal opens nowhere else.
 * @param keys the first one seals, all of them open.
 */
export function createTextSealer({ keys }: { keys: readonly SealingKey[] }) {
  const sealing = keys[0]
  if (!sealing) throw new Error('a sealer wants at least one key')
  const { id: sealingId, key: sealingSecret } = sealing
  const keyById = new Map(keys.map(({ id, key }) => [id, key]))

  function seal(text: string, place: SealedPlace): string {
    const nonce = randomBytes(nonceLength)
    const gcm = createCipheriv(cipher, sealingSecret, nonce, { authTagLength })
    gcm.setAAD(boundTo(sealingId, place))
    const sealed = Buffer.concat([nonce, gcm.update(text, 'utf8'), gcm.final()])
    const body = Buffer.concat([sealed, gcm.getAuthTag()]).toString('base64url')
    return `${format}.${sealingId}.${body}`
  }

  function unseal(sealed: string, place: SealedPlace): Unsealed {
    const [version, id = '', body = ''] = sealed.split('.')
    if (version !== format) return { why: 'it has a form that this version does not know' }
    const key = keyById.get(id)
    if (!key) {
      return { why: `it was sealed with the key ${id.slice(0, 8)}, and this broker has another one` }
    }
    const text = open(key, Buffer.from(body, 'base64url'), boundTo(id, place))
    return text === undefined
      ? { why: 'it was changed after it was sealed, or belongs to another place' }
      : { text }
  }

  return { seal, unseal }
}

/** A JSON array, since its parts cannot run into each other. */
function boundTo(keyId: string, place: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([format, keyId, ...place]))
}

function open(key: Buffer, sealed: Buffer, bound: Buffer): string | undefined {
  if (sealed.length < nonceLength + authTagLength) return undefined
  const gcm = createDecipheriv(cipher, key, sealed.subarray(0, nonceLength), { authTagLength })
  gcm.setAAD(bound)
  gcm.setAuthTag(sealed.subarray(-authTagLength))
  const content = gcm.update(sealed.subarray(nonceLength, -authTagLength))
  try {
    return Buffer.concat([content, gcm.final()]).toString('utf8')
  } catch {
    // Node says no more than that it does not authenticate, and nothing of the content may be told.
    return undefined
  }
}
