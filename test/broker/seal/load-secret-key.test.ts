import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadSecretKey } from '../../../apps/broker/src/seal/load-secret-key.ts'

function newFolder(t: Test): string {
  const scratch = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
  t.teardown(() => rmSync(scratch, { recursive: true, force: true }))
  return join(scratch, 'data')
}

const hex = '0123456789abcdef'.repeat(4)

t.test('the key that seals', async (t) => {
  t.test('is the configured one, and then no file is made', async (t) => {
    const folder = newFolder(t)
    const { key, id } = await loadSecretKey({ value: `${hex.toUpperCase()}\n`, folder })
    t.equal(key.toString('hex'), hex)
    t.match(id, /^[0-9a-f]{8}$/)
    t.notOk(hex.includes(id), 'its id shows nothing of it')
    t.throws(() => statSync(folder))
  })

  t.test('is refused when it is not 64 hex digits, without being repeated', async (t) => {
    for (const value of ['', 'canary', hex.slice(1), `${hex}0`, `${hex.slice(1)}g`]) {
      const error = await loadSecretKey({ value, folder: newFolder(t) }).catch((thrown) => thrown)
      t.match(error, { name: 'SecretKeyError', message: /^secretKey wants 64 hex digits/ })
      if (value) t.notOk(error.message.includes(value))
    }
  })

  t.test('is made on the first start, for this user alone, and is the same on the second', async (t) => {
    const folder = newFolder(t)
    const first = await loadSecretKey({ value: undefined, folder })
    t.equal(first.key.length, 32)
    t.same(await loadSecretKey({ value: undefined, folder }), first)
    t.equal(statSync(join(folder, 'secret.key')).mode & 0o777, 0o600)
    t.equal(statSync(folder).mode & 0o777, 0o700)
    t.match(readFileSync(join(folder, 'secret.key'), 'utf8'), /^[0-9a-f]{64}\n$/)
    const other = await loadSecretKey({ value: undefined, folder: newFolder(t) })
    t.not(other.id, first.id)
  })

  t.test('is one for all that start at once, and nothing else is left there', async (t) => {
    const folder = newFolder(t)
    const keys = await Promise.all(
      Array.from({ length: 20 }, () => loadSecretKey({ value: undefined, folder })),
    )
    t.equal(new Set(keys.map(({ id }) => id)).size, 1)
    t.same(readdirSync(folder), ['secret.key'])
  })

  t.test('is refused when others can read it', async (t) => {
    const folder = newFolder(t)
    await loadSecretKey({ value: undefined, folder })
    const path = join(folder, 'secret.key')
    for (const mode of [0o640, 0o604, 0o620, 0o666]) {
      chmodSync(path, mode)
      await t.rejects(loadSecretKey({ value: undefined, folder }), {
        name: 'SecretKeyError',
        message: `${path} can be read or changed by other users (mode ${mode.toString(8)}): run "chmod 600"`,
      })
    }
  })

  t.test('is refused when its file holds something else, and that is left as it is', async (t) => {
    const folder = newFolder(t)
    await loadSecretKey({ value: undefined, folder })
    const path = join(folder, 'secret.key')
    writeFileSync(path, 'canary\n')
    const error = await loadSecretKey({ value: undefined, folder }).catch((thrown) => thrown)
    t.match(error, { name: 'SecretKeyError', message: `${path} wants 64 hex digits` })
    t.equal(readFileSync(path, 'utf8'), 'canary\n')
  })

  t.test('says where it cannot be made', async (t) => {
    const folder = join(import.meta.filename, 'data')
    await t.rejects(loadSecretKey({ value: undefined, folder }), {
      name: 'SecretKeyError',
      message: `${join(folder, 'secret.key')} cannot be`,
    })
  })
})
