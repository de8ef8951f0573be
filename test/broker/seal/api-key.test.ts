import { createHash } from 'node:crypto'
import t from 'tap'
import { createApiKey, hashApiKey, isApiKey } from '../../../apps/broker/src/seal/api-key.ts'
import { deriveAccountId } from '../../../apps/broker/src/seal/keyed-names.ts'

t.test('an API key is a new one each time and is known by its hash', async (t) => {
  const keys = Array.from({ length: 100 }, createApiKey)
  t.equal(new Set(keys).size, 100)
  for (const key of keys) t.match(key, /^sb_[A-Za-z0-9_-]{43}$/)
  const [key = '', other = ''] = keys
  t.equal(hashApiKey(key), createHash('sha256').update(key).digest('hex'))
  t.ok(isApiKey(key, hashApiKey(key)))
  for (const wrong of [other, '', `${key}x`, key.slice(1)]) t.notOk(isApiKey(wrong, hashApiKey(key)))
  for (const hash of ['', 'zz', hashApiKey(key).slice(2)]) t.notOk(isApiKey(key, hash))
})

t.test('an account is the same for the same username at the same site, and tells neither', async (t) => {
  const key = Buffer.alloc(32, 1)
  const of = { key, loginOrigin: 'https://shop.example', username: 'ann@example.org' }
  const id = deriveAccountId(of)
  t.match(id, /^acct-[0-9a-f]{16}$/)
  t.equal(deriveAccountId({ ...of }), id)
  const others = [
    { ...of, username: 'bob@example.org' },
    { ...of, loginOrigin: 'https://other.example' },
    { ...of, key: Buffer.alloc(32, 2) },
    { ...of, loginOrigin: 'https://shop.exampleann', username: '@example.org' },
  ]
  for (const other of others) t.not(deriveAccountId(other), id)
})
