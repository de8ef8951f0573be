import { configSchema, type KeyConfig } from './config-schema.ts'
import type { KeyMistake } from './explain-issues.ts'
import { type KeyPath, mapAt, valueAt } from './key-path.ts'
import { isLoopback } from './listen-address.ts'

const { listen: listenSchema, keys: keysSchema } = configSchema.shape
const keyShape = keysSchema.unwrap().element.shape

interface Use {
  insecureNoAuth: boolean
  serves: boolean
}

/** What no key can tell by itself. Looks at what could be read, whatever else is wrong. */
export function crossCheck(data: unknown, { insecureNoAuth, serves }: Use): KeyMistake[] {
  return [
    ...checkReach(data),
    ...(serves ? checkKeysGiven(data, insecureNoAuth) : []),
    ...checkKeys(data),
    ...checkRedis(data),
  ]
}

function mistake(path: KeyPath, message: string): KeyMistake {
  return { path, part: 'value', message }
}

function listensBeyondLoopback(data: unknown): boolean {
  const address = listenSchema.safeParse(valueAt(data, ['listen']))
  return address.success && !isLoopback(address.data)
}

function checkReach(data: unknown): KeyMistake[] {
  const isProtected = valueAt(data, ['tls']) !== undefined || valueAt(data, ['behindTlsProxy']) === true
  if (isProtected || !listensBeyondLoopback(data)) return []
  return [
    mistake(
      ['listen'],
      'beyond loopback, keys and sessions would cross the network in clear: ' +
        'wants tls: { cert, key }, or behindTlsProxy: true where a proxy before the broker does TLS',
    ),
  ]
}

function checkKeysGiven(data: unknown, insecureNoAuth: boolean): KeyMistake[] {
  const keys = valueAt(data, ['keys'])
  const hasKeys = keys !== undefined && !(Array.isArray(keys) && keys.length === 0)
  const isExposed = listensBeyondLoopback(data)
  if (insecureNoAuth) {
    if (isExposed) return [mistake(['listen'], '--insecure-no-auth works on loopback only')]
    return hasKeys
      ? [mistake(['keys'], '--insecure-no-auth would leave them aside: leave one of the two out')]
      : []
  }
  if (hasKeys) return []
  const otherwise = isExposed ? '' : ' (or try it without, with --insecure-no-auth)'
  const make = 'make one with: session-broker keys create --name worker-1 --scopes read,refresh'
  return [mistake(['keys'], `wants at least one key; ${make}${otherwise}`)]
}

function checkKeys(data: unknown): KeyMistake[] {
  const written = valueAt(data, ['keys'])
  if (!Array.isArray(written)) return []
  const keys = written.map((_, index) => readableParts(mapAt(written, [index])))
  return [
    ...findRepeated(keys, 'name', 'another key has this name already'),
    ...findRepeated(keys, 'hash', 'another key has this hash already: each wants a key of its own'),
    ...keys.flatMap((key, index) => findUnknownSessions(data, key, index)),
  ]
}

type ReadableKey = { [field in 'name' | 'hash' | 'sessions']: KeyConfig[field] | undefined }

/** A name is compared though the scopes beside it are wrong. */
function readableParts({ name, hash, sessions }: Record<string, unknown>): ReadableKey {
  return {
    name: keyShape.name.safeParse(name).data,
    hash: keyShape.hash.safeParse(hash).data,
    sessions: keyShape.sessions.safeParse(sessions).data,
  }
}

function findRepeated(keys: readonly ReadableKey[], field: 'name' | 'hash', message: string): KeyMistake[] {
  const all = keys.map((key) => key[field])
  return all.flatMap((value, index) =>
    value !== undefined && all.indexOf(value) < index ? [mistake(['keys', index, field], message)] : [],
  )
}

function findUnknownSessions(data: unknown, key: ReadableKey, index: number): KeyMistake[] {
  const known = Object.keys(mapAt(data, ['sessions']))
  return (key.sessions ?? []).flatMap((session, place) =>
    known.includes(session)
      ? []
      : [
          mistake(
            ['keys', index, 'sessions', place],
            `there is no session of this name; configured: ${known.join(', ')}`,
          ),
        ],
  )
}

function checkRedis(data: unknown): KeyMistake[] {
  const { redis, lockRedis, secretKey } = mapAt(data, [])
  const found: KeyMistake[] = []
  if (redis !== undefined && secretKey === undefined) {
    found.push(
      mistake(
        ['redis'],
        'wants a secretKey beside it, the same for all brokers: 64 hex digits, as "openssl rand -hex 32" prints them, ' +
          'given by a reference such as secretKey: env:SESSION_BROKER_SECRET_KEY',
      ),
    )
  }
  if (lockRedis !== undefined && redis === undefined) {
    found.push(mistake(['lockRedis'], 'wants redis beside it: the embedded store needs no other locks'))
  }
  if (Array.isArray(lockRedis)) {
    if (lockRedis.length > 0 && lockRedis.length % 2 === 0) {
      found.push(mistake(['lockRedis'], 'wants one server or an odd number of them: an even one can tie'))
    }
    lockRedis.forEach((url, index) => {
      if (lockRedis.indexOf(url) < index) {
        found.push(mistake(['lockRedis', index], 'the same server a second time: its vote counts once'))
      }
    })
  }
  return found
}
