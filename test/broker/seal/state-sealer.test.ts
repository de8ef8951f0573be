import type { SessionState } from '@session-broker/shared'
import t from 'tap'
import { sealingKey } from '../../../apps/broker/src/seal/sealing-key.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import type { SealedState, SealPlace } from '../../../apps/broker/src/session/ports/state-sealer.ts'
import { canary, canaryState } from '../backend/canary.ts'

const key = sealingKey(Buffer.alloc(32, 1))
const otherKey = sealingKey(Buffer.alloc(32, 2))
const sealer = createStateSealer({ keys: [key] })
const place: SealPlace = { session: 'shop', generation: 7, revision: 3 }

/** The sealed bytes with something done to them. */
function altered(sealed: SealedState, alter: (bytes: Buffer) => Buffer): SealedState {
  const [format, id, body = ''] = sealed.split('.')
  return `${format}.${id}.${alter(Buffer.from(body, 'base64url')).toString('base64url')}` as SealedState
}

const refused = (message: RegExp) => ({ code: 'state_unreadable', message })
const changedOrMoved = refused(/was changed after it was sealed, or belongs to another place/)

t.test('a sealed state', async (t) => {
  t.test('opens at its own place as it was', async (t) => {
    t.same(sealer.unseal(sealer.seal(canaryState, place), place), canaryState)
  })

  t.test('opens as it was whatever is in it', async (t) => {
    const texts = ['', '\u0000', '"\\', 'ключ 鍵 🔑', '\ud800 alone', 'x'.repeat(300_000), '__proto__']
    for (const value of texts) {
      const state: SessionState = { userAgent: value, cookies: [], origins: [] }
      const content = { ...canaryState, state }
      t.same(sealer.unseal(sealer.seal(content, place), place), content)
    }
  })

  t.test('shows nothing of what is in it, and is never the same twice', async (t) => {
    const sealed = [sealer.seal(canaryState, place), sealer.seal(canaryState, place)]
    t.not(sealed[0], sealed[1])
    for (const each of sealed) {
      t.match(each, /^sb1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$/)
      t.notOk(Buffer.from(each.split('.')[2] ?? '', 'base64url').includes(canary))
    }
  })

  t.test('opens at no other place', async (t) => {
    const sealed = sealer.seal(canaryState, place)
    const elsewhere: SealPlace[] = [
      { ...place, session: 'shop2' },
      { ...place, generation: 8 },
      { ...place, revision: 4 },
      { session: 'shop', generation: 73, revision: 0 },
      { session: 'shop","7', generation: 3, revision: 3 },
    ]
    for (const each of elsewhere) t.throws(() => sealer.unseal(sealed, each), changedOrMoved)
  })

  t.test('opens no more when a bit of it was flipped', async (t) => {
    const sealed = sealer.seal({ ...canaryState, state: { userAgent: 'a', cookies: [], origins: [] } }, place)
    const length = Buffer.from(sealed.split('.')[2] ?? '', 'base64url').length
    let opened = 0
    for (let bit = 0; bit < length * 8; bit += 1) {
      const flipped = altered(sealed, (bytes) => {
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return bytes
      })
      try {
        sealer.unseal(flipped, place)
        opened += 1
      } catch {}
    }
    t.ok(length > 28)
    t.equal(opened, 0)
  })

  t.test('opens no more when it was cut or lengthened', async (t) => {
    const sealed = sealer.seal(canaryState, place)
    for (const cut of [1, 4, 12, 15, 16, 28]) {
      t.throws(
        () =>
          sealer.unseal(
            altered(sealed, (bytes) => bytes.subarray(0, -cut)),
            place,
          ),
        changedOrMoved,
      )
    }
    const longer = altered(sealed, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]))
    t.throws(() => sealer.unseal(longer, place), changedOrMoved)
    for (const length of [0, 1, 12, 27, 28]) {
      t.throws(
        () =>
          sealer.unseal(
            altered(sealed, (bytes) => bytes.subarray(0, length)),
            place,
          ),
        changedOrMoved,
      )
    }
  })

  t.test('opens with no other key, and says which one is missing', async (t) => {
    const sealed = sealer.seal(canaryState, place)
    const stranger = createStateSealer({ keys: [otherKey] })
    t.throws(() => stranger.unseal(sealed, place), refused(new RegExp(`sealed with the key ${key.id}`)))
    const renamed = sealed.replace(key.id, otherKey.id) as SealedState
    t.throws(() => stranger.unseal(renamed, place), changedOrMoved, 'nor under its name')
    const impostor = createStateSealer({ keys: [{ id: key.id, key: otherKey.key }] })
    t.throws(() => impostor.unseal(sealed, place), changedOrMoved)
  })

  t.test('opens with an older key after the key was changed', async (t) => {
    const sealed = sealer.seal(canaryState, place)
    const rotated = createStateSealer({ keys: [otherKey, key] })
    t.same(rotated.unseal(sealed, place), canaryState)
    t.equal(rotated.seal(canaryState, place).split('.')[1], otherKey.id, 'the first key seals')
  })

  t.test('of a form that is not known is refused, and nothing of it is repeated', async (t) => {
    for (const text of [
      '',
      canary,
      `sb2.${key.id}.${canary}`,
      `sb1.${canary}.AAAA`,
      `{"cookies":"${canary}"}`,
    ]) {
      const error = (() => {
        try {
          return sealer.unseal(text as SealedState, place)
        } catch (thrown) {
          return thrown
        }
      })() as Error
      t.match(error, { code: 'state_unreadable', message: /shop, generation 7, revision 3 cannot be opened/ })
      t.notOk(error.message.includes(canary))
    }
  })

  t.test('wants a key', async (t) => {
    t.throws(() => createStateSealer({ keys: [] }), { message: /at least one key/ })
  })
})
