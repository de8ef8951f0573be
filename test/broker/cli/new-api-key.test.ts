import { createHash } from 'node:crypto'
import t from 'tap'
import { createApiKey, hashApiKey } from '../../../apps/broker/src/cli/new-api-key.ts'

t.test('an API key is a new one each time and is known by its hash', async (t) => {
  const keys = Array.from({ length: 100 }, createApiKey)
  t.equal(new Set(keys).size, 100)
  for (const key of keys) t.match(key, /^sb_[A-Za-z0-9_-]{43}$/)
  const [key = ''] = keys
  t.equal(hashApiKey(key), createHash('sha256').update(key).digest('hex'))
})
