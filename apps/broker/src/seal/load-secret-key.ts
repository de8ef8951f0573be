import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type SealingKey, sealingKey } from './sealing-key.ts'

/** The secret key cannot be used as it is; the message says what to do, and nothing of the key. */
export class SecretKeyError extends Error {
  override readonly name = 'SecretKeyError'
}

const hexKey = /^[0-9a-f]{64}$/i

/**
 * The key that seals the state: the configured one, otherwise that of the file `secret.key` in the data folder, which is
 * made when there is none.
 * @param value what the reference in the config gave: 64 hex digits.
 * @throws SecretKeyError
 */
export async function loadSecretKey(source: {
  value: string | undefined
  folder: string
}): Promise<SealingKey> {
  if (source.value !== undefined) return parseKey(source.value, 'secretKey')
  const path = join(source.folder, 'secret.key')
  const kept = await readKeyFile(path)
  if (kept !== undefined) return parseKey(kept, path)
  await createKeyFile(path)
  return parseKey((await readKeyFile(path)) ?? '', path)
}

function parseKey(text: string, where: string): SealingKey {
  const hex = text.trim()
  if (hexKey.test(hex)) return sealingKey(Buffer.from(hex, 'hex'))
  throw new SecretKeyError(`${where} wants 64 hex digits, as "openssl rand -hex 32" prints them`)
}

/** Looked at and read by one handle, so that what was judged is what is read. */
async function readKeyFile(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new SecretKeyError(`${path} cannot be read (${error.code})`)
  })
  if (!file) return undefined
  try {
    const { mode } = await file.stat()
    if ((mode & 0o077) === 0) return await file.readFile('utf8')
    throw new SecretKeyError(
      `${path} can be read or changed by other users (mode ${(mode & 0o777).toString(8)}): run "chmod 600" on it, ` +
        'and make a new key if somebody may have seen this one',
    )
  } finally {
    await file.close()
  }
}

/** Written aside and linked into place: nobody ever reads half a key, and of two that start at once both use the first's. */
async function createKeyFile(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(32).toString('hex')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } catch (error) {
    throw new SecretKeyError(`${path} cannot be made (${(error as NodeJS.ErrnoException).code})`)
  } finally {
    await rm(aside, { force: true })
  }
}
