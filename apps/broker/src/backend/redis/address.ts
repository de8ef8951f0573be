export interface Host {
  host: string
  port: number
}

/** Where Redis is, and how to sign in there. */
export type RedisTarget = {
  tls: boolean
  /** The server; the sentinels; some nodes of the cluster. */
  hosts: [Host, ...Host[]]
  username?: string
  password?: string
} & (
  | { kind: 'server'; database: number }
  | {
      kind: 'sentinel'
      masterName: string
      database: number
      sentinelUsername?: string
      sentinelPassword?: string
    }
  | { kind: 'cluster' }
)

/** What of it may be shown: the hosts, the master's name and the database, never a user or a password. */
export function addressOf(target: RedisTarget): string {
  const scheme = `redis${target.tls ? 's' : ''}${target.kind === 'server' ? '' : `-${target.kind}`}`
  const master = target.kind === 'sentinel' ? `/${target.masterName}` : ''
  const database = target.kind !== 'cluster' && target.database > 0 ? `/${target.database}` : ''
  return `${scheme}://${target.hosts.map(showHost).join(',')}${master}${database}`
}

function showHost({ host, port }: Host): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
