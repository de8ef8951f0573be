import t from 'tap'
import { deriveAccountId, tagCredentials } from '../../../apps/broker/src/seal/keyed-names.ts'

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

t.test('a tag tells secrets apart, and nothing of them', async (t) => {
  const key = Buffer.alloc(32, 1)
  const tag = tagCredentials({ key, secrets: ['ann', 'secret'] })
  t.match(tag, /^[0-9a-f]{16}$/)
  t.equal(tagCredentials({ key, secrets: ['ann', 'secret'] }), tag)
  for (const secrets of [['ann', 'secreT'], ['anns', 'ecret'], ['ann'], ['secret', 'ann']]) {
    t.not(tagCredentials({ key, secrets }), tag)
  }
  t.not(tagCredentials({ key: Buffer.alloc(32, 2), secrets: ['ann', 'secret'] }), tag)
})
