import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { ProblemError } from '@session-broker/shared'
import type { SealableState, SealedState, SealPlace, StateSealer } from '../session/ports/state-sealer.ts'
import type { SealingKey } from './sealing-key.ts'

const format = 'sb1'
const cipher = 'aes-256-gcm'
/** NIST SP 800-38D §8.2.2: a random nonce of 96 bits, good for 2^32 seals with one key. */
const nonceLength = 12
/** Said at both ends: without it Node opens a tag that was cut to 4 bytes. */
const authTagLength = 16

/**
 * AES-256-GCM. The text is `sb1.<key id>.<base64url of nonce, ciphertext, tag>`; the format, the key's id and the place
 * are authenticated with it, so that a seal opens nowhere else.
 * @param keys the first one seals, all of them open.
 */
export function createStateSealer({ keys }: { keys: readonly SealingKey[] }): StateSealer {
  const sealing = keys[0]
  if (!sealing) throw new Error('a state sealer wants at least one key')
  const { id: sealingId, key: sealingSecret } = sealing
  const keyById = new Map(keys.map(({ id, key }) => [id, key]))

  function seal(content: SealableState, place: SealPlace): SealedState {
    const nonce = randomBytes(nonceLength)
    const gcm = createCipheriv(cipher, sealingSecret, nonce, { authTagLength })
    gcm.setAAD(boundTo(sealingId, place))
    const sealed = Buffer.concat([nonce, gcm.update(JSON.stringify(content), 'utf8'), gcm.final()])
    const body = Buffer.concat([sealed, gcm.getAuthTag()]).toString('base64url')
    return `${format}.${sealingId}.${body}` as SealedState
  }

  function unseal(sealed: SealedState, place: SealPlace): SealableState {
    const [version, id = '', body = ''] = sealed.split('.')
    if (version !== format) throw unreadable(place, 'it has a form that this version does not know')
    const key = keyById.get(id)
    if (!key) {
      throw unreadable(place, `it was sealed with the key ${id.slice(0, 8)}, and this broker has another one`)
    }
    const content = open(key, Buffer.from(body, 'base64url'), boundTo(id, place))
    if (content === undefined) {
      throw unreadable(place, 'it was changed after it was sealed, or belongs to another place')
    }
    // What opens was written by a holder of the key in this format: its shape needs no second proof.
    return JSON.parse(content)
  }

  return { seal, unseal }
}

/** A JSON array, since its parts cannot run into each other. */
function boundTo(keyId: string, { session, generation, revision }: SealPlace): Buffer {
  return Buffer.from(JSON.stringify([format, keyId, 'state', session, generation, revision]))
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

function unreadable({ session, generation, revision }: SealPlace, why: string): ProblemError {
  const which = `the stored state of ${session}, generation ${generation}, revision ${revision}`
  return new ProblemError('state_unreadable', `${which} cannot be opened: ${why}`)
}
