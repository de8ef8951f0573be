import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pickBrowserEnv } from '@session-broker/chrome'
import { freePort } from '@session-broker/stage/process'
import { type LocalRedis, startRedis } from '@session-broker/stage/redis'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import { stringify } from 'yaml'
import type { Guard } from '../broker/remove-guard.ts'
import type { Cast, Role } from './cast.ts'
import { type LossyProxy, startLossyProxy } from './lossy-proxy.ts'
import { type Replica, startReplica } from './replica.ts'

export interface ClusterOptions extends Cast {
  brokers: number
  without?: Guard | undefined
  /** Sign in with the real browser. */
  chromium?: boolean
}

export interface PlayedRole extends Role {
  site: LocalSite
}

/** Everything that takes part: one Redis, sites in this process, brokers in their own, a proxy between each and Redis. */
export interface Cluster {
  folder: string
  key: string
  redis: LocalRedis
  roles: readonly PlayedRole[]
  brokers: readonly ClusterBroker[]
}

export interface ClusterBroker extends Replica {
  proxy: LossyProxy
}

/** @param opened closes it all, last to first; the folder with histories and logs goes as well. */
export async function startCluster(opened: AsyncDisposableStack, options: ClusterOptions): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-chaos-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const redis = opened.adopt(await startRedis({ dir: folder }), (each) => each.close())
  const roles = await Promise.all(
    options.roles.map(async (role) => {
      const accounts = { [role.account]: randomBytes(12).toString('base64url') }
      const site = await startSite({ ...role.personality, accounts })
      opened.defer(() => site.close())
      return { ...role, site }
    }),
  )
  const key = `sb_${randomBytes(32).toString('base64url')}`
  const env = { ...envOf(roles), ...(options.chromium && { CHAOS_CHROMIUM: '1' }) }
  const brokers = await Promise.all(
    Array.from({ length: options.brokers }, async (_, index) => {
      const place = `b${index + 1}`
      const proxy = opened.adopt(await startLossyProxy(redis.port), (each) => each.close())
      const port = await freePort()
      const config = configOf({ place, roles, key, port, redisPort: proxy.port, options })
      await writeFile(join(folder, `${place}.yaml`), stringify(config))
      const url = `http://127.0.0.1:${port}`
      const { without } = options
      const replica = opened.adopt(await startReplica({ place, url, folder, env, without }), (each) =>
        each.close(),
      )
      return { ...replica, proxy }
    }),
  )
  return { folder, key, redis, roles, brokers }
}

const passwordVariable = (account: string) => `PASSWORD_OF_${account.replace('-', '_').toUpperCase()}`

function envOf(roles: readonly PlayedRole[]): Record<string, string> {
  const passwords = roles.map(({ account, site }) => [passwordVariable(account), site.password])
  return {
    ...pickBrowserEnv(process.env),
    ...Object.fromEntries(passwords),
    SECRET_KEY: randomBytes(32).toString('hex'),
  }
}

interface ConfigParts {
  place: string
  roles: readonly PlayedRole[]
  key: string
  port: number
  redisPort: number
  options: ClusterOptions
}

function configOf({ place, roles, key, port, redisPort, options }: ConfigParts): object {
  const hash = createHash('sha256').update(key).digest('hex')
  const sessions = roles.flatMap(({ account, sessions, site, loginsPerDay }) =>
    sessions.map((session) => [
      session,
      {
        account,
        login: {
          url: site.loginUrl,
          username: site.username,
          password: `env:${passwordVariable(account)}`,
        },
        check: { ...site.check, every: '10s' },
        refresh: { before: '1s' },
        budget: { loginsPerDay },
      },
    ]),
  )
  return {
    listen: `127.0.0.1:${port}`,
    redis: `redis://127.0.0.1:${redisPort}`,
    secretKey: 'env:SECRET_KEY',
    data: `./${place}-data`,
    loginTimeout: `${options.loginTimeoutMs}ms`,
    maxLogins: options.maxLogins,
    // Nobody knows how a login ended whose broker was killed: it counts as failed.
    budget: { failedPerDay: 100_000 },
    keys: [{ name: 'chaos', hash: `sha256:${hash}`, scopes: ['read', 'refresh', 'operate'] }],
    sessions: Object.fromEntries(sessions),
  }
}
