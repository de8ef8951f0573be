import { isIPv6 } from 'node:net'

interface Host {
  /** Without brackets: `::1`. */
  host: string
  port: number
}

/** What is wrong with a Redis URL. Never repeats any of it: it may hold a password. */
export class RedisUrlError extends Error {}

const forms =
  'redis://127.0.0.1:6379, redis-sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster for Sentinel ' +
  'or redis-cluster://10.0.0.1:6379,10.0.0.2:6379 for a cluster (rediss… for TLS)'

// The URL class knows no lists of hosts. A plus instead of the hyphen is how other programs write it.
const pattern =
  /^redis(?<tls>s?)(?:[-+](?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^/?#]*)@)?(?<hosts>[^/?#@]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?(?<hash>#.*)?$/

/** What a Redis URL says: where Redis is, of which kind, and how to sign in there. @throws RedisUrlError */
export function readRedisUrl(text: string) {
  const parts = pattern.exec(text)?.groups
  if (!parts) throw new RedisUrlError(`wants a Redis URL, such as ${forms}`)
  const { kind = 'server', hosts = '', path = '', query, hash } = parts
  if (kind === 'server' && hosts.includes(',')) {
    throw new RedisUrlError(`names several servers, and does not say what they are: ${forms}`)
  }
  const common = {
    tls: parts.tls === 's',
    hosts: readHosts(hosts, kind === 'sentinel' ? 26_379 : 6_379),
    ...readUser(parts.user),
  }
  if (kind === 'sentinel') {
    if (hash) throw new RedisUrlError('wants the name of the master as /mymaster, not as #mymaster')
    return { ...common, kind: 'sentinel' as const, ...readMaster(path), ...readSentinelUser(query) }
  }
  if (query !== undefined || hash) throw new RedisUrlError('takes nothing after a ? or #')
  if (kind === 'server') return { ...common, kind: 'server' as const, database: readDatabase(path.slice(1)) }
  if (!/^\/?0?$/.test(path)) throw new RedisUrlError('has a database, which a cluster has not: leave it out')
  return { ...common, kind: 'cluster' as const }
}

function readHosts(text: string, defaultPort: number): [Host, ...Host[]] {
  const [first = '', ...more] = text.split(',')
  return [readHost(first, defaultPort), ...more.map((each) => readHost(each, defaultPort))]
}

function readHost(text: string, defaultPort: number): Host {
  const [, inBrackets, plain, digits] = /^(?:\[([^[\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = inBrackets ?? plain
  const port = digits === undefined ? defaultPort : Number(digits)
  const isRight = host !== undefined && (inBrackets === undefined || isIPv6(inBrackets))
  if (isRight && port > 0 && port <= 65_535) return { host, port }
  throw new RedisUrlError(
    'wants hosts as host:port or [::1]:port, with a comma between two; in a user or a password ' +
      'write %40 for @, %2F for /, %3F for ?, %23 for #',
  )
}

function readUser(text: string | undefined): { username?: string; password?: string } {
  if (text === undefined) return {}
  const [username = '', ...rest] = text.split(':')
  const password = rest.join(':')
  return { ...(username && { username: decode(username) }), ...(password && { password: decode(password) }) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RedisUrlError('has a % in its user or password that stands for nothing: write %25 for it')
  }
}

function readMaster(path: string): { masterName: string; database: number } {
  const [, masterName = '', database = '', ...more] = path.split('/')
  if (!/^[\w.-]+$/.test(masterName)) {
    throw new RedisUrlError(
      'wants the name that the sentinels know the master by after the hosts, such as …:26379/mymaster',
    )
  }
  return { masterName, database: readDatabase([database, ...more].join('/')) }
}

function readDatabase(text: string): number {
  if (/^\d{0,5}$/.test(text)) return Number(text)
  throw new RedisUrlError('wants the database as a number, such as /0')
}

function readSentinelUser(query = ''): { sentinelUsername?: string; sentinelPassword?: string } {
  const { sentinelUsername, sentinelPassword, ...unknown } = Object.fromEntries(new URLSearchParams(query))
  if (Object.keys(unknown).length > 0) {
    throw new RedisUrlError('takes nothing but sentinelUsername=… and sentinelPassword=… after the ?')
  }
  return { ...(sentinelUsername && { sentinelUsername }), ...(sentinelPassword && { sentinelPassword }) }
}
