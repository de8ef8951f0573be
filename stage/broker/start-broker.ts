import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pickBrowserEnv } from '@session-broker/chrome'
import type { Check } from '@session-broker/shared'
import { stringify } from 'yaml'
import { freePort, type RunningProcess, startProcess, waitFor } from '../process/index.ts'

const main = fileURLToPath(new URL('../../apps/broker/src/main.ts', import.meta.url))

export interface TestedSite {
  loginUrl: string
  username: string
  password: string
  /** The secret of its authenticator app, in base32. */
  totp?: string
  /** Left out: the broker derives one. */
  check?: Check
  /** As YAML has it: a map, a name or a path. */
  recipe?: object | string
  /** How often the broker looks by itself; left out: never. */
  checkEvery?: string
  /** As YAML has it. */
  refresh?: object
  /** Workers may give back what a Chrome makes of it. */
  writeBack?: boolean
  /** As YAML has it. */
  proxy?: string
  /** More of its `login`, as YAML has it. */
  login?: object
  /** A person signs in: the broker is given no name and no password. */
  byPerson?: true
}

export interface BrokerProcessOptions {
  /** By session name. */
  sites: Record<string, TestedSite>
  /** Left out: a free one. */
  port?: number
  /** Left out: a new one. */
  key?: string
  /** A program to run in its place, with the same arguments. */
  program?: string
  /** Left out: the embedded store. */
  redisUrl?: string
  /** Left out: locks lie in the Redis of the store. */
  lockRedisUrls?: string[]
  /** Brokers on one Redis share it. */
  secretKey?: string
  /** Kept when the broker ends, so that another can be started on it. Left out: a temporary one. */
  folder?: string
  loginTimeout?: string
  /** Left out: as the broker has it. */
  budget?: { loginsPerDay: number; failedPerDay: number; challengesPerDay?: number }
  /** Where the system's temporary files go. */
  temporaryFolder?: string
  maxLogins?: number
  /** As YAML has it. */
  challenges?: object
  /** What else stands in its environment. */
  env?: Record<string, string>
}

/** A real broker in a process of its own, with one key that may do everything. */
export interface BrokerProcess {
  url: string
  key: string
  folder: string
  process: RunningProcess
  /** Everything that it wrote. */
  said(): string
  call(path: string, options?: CallOptions): Promise<Answer>
  refresh(body?: object, options?: CallOptions): Promise<Answer>
  kill9(): Promise<void>
  close(): Promise<void>
}

export interface CallOptions {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  /** Which session to refresh, where there are several. */
  session?: string
}

export interface Answer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

const totpVariable = (session: string) => `TOTP_OF_${session.toUpperCase().replaceAll('-', '_')}`
export const passwordVariable = (session: string) =>
  `PASSWORD_OF_${session.toUpperCase().replaceAll('-', '_')}`

export async function startBroker(options: BrokerProcessOptions): Promise<BrokerProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'session-broker-test-')))
  const key = options.key ?? `sb_${randomBytes(32).toString('base64url')}`
  const port = options.port ?? (await freePort())
  const config = join(folder, `broker-${port}.yaml`)
  await writeFile(config, stringify(configOf(options, { key, port })))
  const secrets = Object.entries(options.sites).flatMap(([name, { password, totp }]) => [
    [passwordVariable(name), password],
    ...(totp === undefined ? [] : [[totpVariable(name), totp]]),
  ])
  let said = ''
  const running = await startProcess({
    name: `the broker on ${port}`,
    command: process.execPath,
    args: ['--conditions=@session-broker/source', options.program ?? main, 'serve', '--config', config],
    env: {
      ...pickBrowserEnv(process.env),
      ...Object.fromEntries(secrets),
      SECRET_KEY: options.secretKey ?? '',
      ...options.env,
      ...(options.temporaryFolder && { TMPDIR: options.temporaryFolder }),
    },
    onLine(line) {
      said += `${line}\n`
    },
  })
  const url = `http://127.0.0.1:${port}`
  const removeFolder = async () => {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    const isUp = async (signal: AbortSignal) => (await fetch(`${url}/readyz`, { signal })).ok
    await waitFor(running, isUp, { withinMs: 120_000 })
  } catch (error) {
    await running.end()
    await removeFolder()
    throw error
  }
  const call = (path: string, callOptions?: CallOptions) => callBroker(url, key, path, callOptions)
  return {
    ...{ url, key, folder, process: running, call },
    said: () => said,
    refresh: (body = {}, callOptions = {}) =>
      call(`/session/refresh${callOptions.session ? `?session=${callOptions.session}` : ''}`, {
        method: 'POST',
        body,
        ...callOptions,
        headers: { prefer: 'wait=60', ...callOptions.headers },
      }),
    async kill9() {
      running.signal('SIGKILL')
      await running.exited
    },
    async close() {
      await running.end(25_000)
      await removeFolder()
    },
  }
}

function configOf(options: BrokerProcessOptions, { key, port }: { key: string; port: number }): object {
  const hash = createHash('sha256').update(key).digest('hex')
  const sessions = Object.entries(options.sites).map(([name, each]) => [
    name,
    {
      login: {
        url: each.loginUrl,
        ...(!each.byPerson && { username: each.username, password: `env:${passwordVariable(name)}` }),
        ...(each.totp !== undefined && { totp: `env:${totpVariable(name)}` }),
        ...each.login,
      },
      check: { ...each.check, every: each.checkEvery ?? 'never' },
      ...(each.recipe && { recipe: each.recipe }),
      ...(each.refresh && { refresh: each.refresh }),
      ...(each.writeBack && { writeBack: true }),
      ...(each.proxy !== undefined && { proxy: each.proxy }),
    },
  ])
  return {
    listen: `127.0.0.1:${port}`,
    data: './data',
    ...(options.redisUrl && { redis: options.redisUrl, secretKey: 'env:SECRET_KEY' }),
    ...(options.lockRedisUrls && { lockRedis: options.lockRedisUrls }),
    ...(options.loginTimeout && { loginTimeout: options.loginTimeout }),
    ...(options.budget && { budget: options.budget }),
    ...(options.maxLogins && { maxLogins: options.maxLogins }),
    ...(options.challenges && { challenges: options.challenges }),
    keys: [
      { name: 'test', hash: `sha256:${hash}`, scopes: ['read', 'refresh', 'write', 'operate', 'admin'] },
    ],
    sessions: Object.fromEntries(sessions),
  }
}

async function callBroker(
  url: string,
  key: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(90_000),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: text.startsWith('{') ? JSON.parse(text) : { text },
  }
}
