import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LaunchedChrome, launchChrome, pickBrowserEnv } from '@session-broker/chrome'
import { freePort, waitFor } from '@session-broker/stage/process'
import { startRedis } from '@session-broker/stage/redis'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import { type Program, startProgram } from './program.ts'

export const sessionName = 'parcels'

export interface Broker {
  program: Program
  url: string
}

export interface Server {
  name: string
  chrome: LaunchedChrome
  worker: Program
  broker: Broker
}

/** Everything that takes part in the story. */
export interface Stage {
  site: LocalSite
  brokers: Broker[]
  servers: Server[]
  /** For `curl` and Swagger UI while the demo is open. */
  apiKey: string
  redisUrl?: string
}

export interface StageOptions {
  redis: boolean
  headless: boolean
  signal: AbortSignal
  say: (text: string) => void
  /** Start brokers and workers again when their sources change. */
  watch?: boolean
  /** Told every line that a broker or worker writes. */
  onLine?: (name: string, line: string) => void
}

/**
 * Starts the site, the brokers, two Chromes and a worker for each. Everything is put on `opened` as it starts, to be
 * ended in the opposite order.
 */
export async function setStage(opened: AsyncDisposableStack, options: StageOptions): Promise<Stage> {
  const { say, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-demo-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const site = await startSite()
  opened.defer(() => site.close())
  say(`a site with a login form: ${site.url}`)

  const redisUrl = options.redis ? await openRedis(opened, signal) : undefined
  if (redisUrl) say(`a Redis of its own: ${redisUrl}`)
  const keys = { server1: createKey(), server2: createKey(), you: createKey() }
  const brokers = await openBrokers(opened, { folder, site, keys, redisUrl, options })
  for (const { url } of brokers) say(`${redisUrl ? 'a broker' : 'the broker, on its embedded store'}: ${url}`)

  const servers: Server[] = []
  for (const [index, name] of (['server1', 'server2'] as const).entries()) {
    const broker = brokers[index % brokers.length]
    if (!broker) throw new Error('there is no broker')
    servers.push(await openServer(opened, { name, key: keys[name], broker, options }))
    say(`${name}: a Chrome with a profile of its own, and its worker`)
  }
  return { site, brokers, servers, apiKey: keys.you, ...(redisUrl && { redisUrl }) }
}

function watching({ watch = false, onLine }: StageOptions, name: string) {
  return { watch, ...(onLine && { onLine: (line: string) => onLine(name, line) }) }
}

function createKey(): string {
  return `sb_${randomBytes(32).toString('base64url')}`
}

async function openRedis(opened: AsyncDisposableStack, signal: AbortSignal): Promise<string> {
  const redis = await startRedis({ ownGroup: true, signal })
  opened.defer(() => redis.close())
  return redis.url
}

interface BrokerPlan {
  folder: string
  site: LocalSite
  keys: Record<string, string>
  redisUrl: string | undefined
  options: StageOptions
}

async function openBrokers(opened: AsyncDisposableStack, plan: BrokerPlan): Promise<Broker[]> {
  const secretKey = randomBytes(32).toString('hex')
  const names = plan.redisUrl ? ['broker1', 'broker2'] : ['broker']
  return Promise.all(
    names.map(async (name) => {
      const port = await freePort()
      const config = join(plan.folder, `${name}.yaml`)
      await writeFile(config, brokerConfig(plan, { name, port }))
      const program = await startProgram({
        name,
        ...watching(plan.options, name),
        script: 'apps/broker/src/main.ts',
        args: ['serve', '--config', config],
        env: { ...pickBrowserEnv(process.env), PARCELS_PASSWORD: plan.site.password, SECRET_KEY: secretKey },
      })
      opened.defer(() => program.end(25_000))
      const url = `http://127.0.0.1:${port}`
      const isUp = async (signal: AbortSignal) => (await fetch(`${url}/readyz`, { signal })).ok
      await waitFor(program, isUp, { withinMs: 30_000, signal: plan.options.signal })
      return { program, url }
    }),
  )
}

function brokerConfig(
  { site, keys, redisUrl }: BrokerPlan,
  { name, port }: { name: string; port: number },
): string {
  const keyLines = Object.entries(keys).map(([keyName, key]) => {
    const hash = createHash('sha256').update(key).digest('hex')
    return `  - { name: ${keyName}, hash: "sha256:${hash}", scopes: [read, refresh, operate] }`
  })
  return [
    `listen: 127.0.0.1:${port}`,
    `data: ./${name}`,
    ...(redisUrl ? [`redis: ${redisUrl}`, 'secretKey: env:SECRET_KEY'] : []),
    'keys:',
    ...keyLines,
    'sessions:',
    `  ${sessionName}:`,
    `    login: { url: "${site.loginUrl}", username: ${site.username}, password: env:PARCELS_PASSWORD }`,
    '',
  ].join('\n')
}

async function openServer(
  opened: AsyncDisposableStack,
  plan: { name: string; key: string; broker: Broker; options: StageOptions },
): Promise<Server> {
  const { name, key, broker, options } = plan
  const chrome = await launchChrome({ headless: options.headless, signal: options.signal })
  opened.defer(() => chrome.close())
  const worker = await startProgram({
    name: `worker of ${name}`,
    ...watching(options, name),
    script: 'apps/worker/src/main.ts',
    args: [
      'run',
      ...['--broker', broker.url],
      ...['--session', sessionName],
      ...['--chrome', chrome.cdpUrl],
      ...['--id', name],
      ...['--look-every', '1s'],
    ],
    env: { ...pickBrowserEnv(process.env), SESSION_BROKER_KEY: key },
  })
  opened.defer(() => worker.end(10_000))
  return { name, chrome, worker, broker }
}
