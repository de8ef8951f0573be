import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { UserMistake } from '@session-broker/program/command-line'
import { sessionNameSchema, workerIdSchema } from '@session-broker/shared'
import { isLoopbackHost, type ListenAddress } from '../local-http/listen-address.ts'

/**
 * The key, from the environment or a file that it names: what stands in argv can be read by every user of the machine.
 * @throws UserMistake
 */
export function readKey(env: Readonly<Record<string, string | undefined>>): string {
  const { SESSION_BROKER_KEY: given, SESSION_BROKER_KEY_FILE: file } = env
  if (given && file)
    throw new UserMistake('SESSION_BROKER_KEY and SESSION_BROKER_KEY_FILE both have a key: give one of them')
  const key = (file ? readKeyFile(file) : given)?.trim()
  if (key) return key
  if (file) throw new UserMistake(`The key is missing: ${file} (SESSION_BROKER_KEY_FILE) is empty`)
  throw new UserMistake(
    'The key is missing: put it into the environment as SESSION_BROKER_KEY, or its file as SESSION_BROKER_KEY_FILE ("session-broker keys create" makes one)',
  )
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : code
    throw new UserMistake(`The key is missing: ${file} (SESSION_BROKER_KEY_FILE): ${why}`, { cause })
  }
}

/** @throws UserMistake where the key and the sessions' cookies would cross a network in clear */
export function readBrokerUrls(
  urls: readonly string[],
  { insecureHttp }: { insecureHttp: boolean },
): string[] {
  return urls.map((text) => {
    const url = URL.parse(text)
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
      throw new UserMistake('--broker wants an address like https://broker.example:8787, without a key in it')
    }
    if (url.protocol === 'http:' && !insecureHttp && !isLoopbackHost(url.hostname)) {
      throw new UserMistake(
        `--broker ${url.origin} would carry the key and all cookies in clear: use https, or --insecure-http where the network itself is secure`,
      )
    }
    return url.href
  })
}

export function readChromeUrls(urls: readonly string[]): string[] {
  return urls.map((text) => {
    if (/^(https?|wss?):$/.test(URL.parse(text)?.protocol ?? '')) return text
    throw new UserMistake(
      '--chrome wants the address of a Chrome’s debugging port, like http://127.0.0.1:9222',
    )
  })
}

export function readSessions(names: readonly string[]): string[] {
  for (const name of names) {
    const { success, error } = sessionNameSchema.safeParse(name)
    if (!success) throw new UserMistake(`--session ${error.issues[0]?.message}`)
  }
  return [...new Set(names)]
}

/** @throws UserMistake where it is no page that a browser can show */
export function readPage(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text
  throw new UserMistake('--page wants an address like https://shop.example/account')
}

export function readId(id: string | undefined): string | undefined {
  if (id === undefined || workerIdSchema.safeParse(id).success) return id
  throw new UserMistake(
    '--id wants up to 127 letters, digits, dots, _ and -, beginning with a letter or digit',
  )
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `60s`, `500ms`, `5m`, in milliseconds. */
export function readDuration(option: string, text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(amount) * (units[unit] ?? Number.NaN)
  if (Number.isFinite(ms) && ms >= 100) return ms
  throw new UserMistake(`${option} wants a duration like 60s or 5m`)
}

export function readPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UserMistake('--port wants a number from 0 (any free one) to 65535')
}

/** `127.0.0.1:9464`, `[::1]:9464`, `worker.example:9464`. */
export function readListen(text: string | undefined): ListenAddress | undefined {
  if (text === undefined) return undefined
  const [, inBrackets, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = inBrackets ?? plain
  const port = Number(digits)
  if (host !== undefined && port <= 65_535 && (!inBrackets || isIP(inBrackets) === 6)) return { host, port }
  throw new UserMistake('--listen wants host:port, such as 127.0.0.1:9464')
}
