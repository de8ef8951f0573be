import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type RunningProcess, startProcess, waitFor } from '../process/index.ts'
import { askRedis } from './ask-redis.ts'

export interface RedisOptions {
  /** Left out: a free one. */
  port?: number
  /** always (the default): what was acknowledged survives kill −9. */
  appendfsync?: 'always' | 'everysec'
  /** Left out: a temporary folder, removed on close. */
  dir?: string
  /** Left out: `redis-server` of the PATH. */
  command?: string
  /** Ctrl-C in the terminal doesn't reach it: it ends by `close` alone. */
  ownGroup?: boolean
  /** More of what redis.conf knows. */
  settings?: Record<string, string>
  signal?: AbortSignal
}

/** A real redis-server on 127.0.0.1, with an append-only file and without eviction. */
export interface LocalRedis {
  readonly url: string
  readonly port: number
  readonly dir: string
  /** Changes with each restart. */
  pid(): number
  /** SIGKILL; resolves when it is gone. Its data stay. */
  kill9(): Promise<void>
  /** Starts it again, on the same port over the same data; ends it first where it still runs. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

const startMs = 10_000
const tries = 3

/** @throws Error with one clear sentence where there is no redis-server, or with what it wrote where it ends */
export async function startRedis(options: RedisOptions = {}): Promise<LocalRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'session-broker-redis-')))
  const removeDir = async () => {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true })
  }
  try {
    const { port, started } = await startOnPort(options, dir)
    return redisHandle(options, { port, dir, started, removeDir })
  } catch (error) {
    await removeDir()
    throw error
  }
}

function redisHandle(
  options: RedisOptions,
  at: { port: number; dir: string; started: RunningProcess; removeDir: () => Promise<void> },
): LocalRedis {
  const { port, dir, removeDir } = at
  let running = at.started
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    pid: () => running.pid,
    async kill9() {
      running.signal('SIGKILL')
      await running.exited
    },
    async restart() {
      await running.end()
      running = await run(options, port, dir)
    },
    freeze: () => running.signal('SIGSTOP'),
    thaw: () => running.signal('SIGCONT'),
    async close() {
      await running.end()
      await removeDir()
    },
  }
}

/** Somebody else may take a free port before redis-server does: then another one. */
async function startOnPort(options: RedisOptions, dir: string) {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    try {
      return { port, started: await run(options, port, dir) }
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('Address already in use')
      if (options.port !== undefined || !isTaken || attempt === tries) throw error
    }
  }
}

async function run(options: RedisOptions, port: number, dir: string): Promise<RunningProcess> {
  const { command = 'redis-server', appendfsync = 'always', ownGroup = false, signal } = options
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync,
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    ...options.settings,
  }
  const started = await startProcess({
    name: 'redis-server',
    command,
    args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    cwd: dir,
    ownGroup,
  })
  try {
    await waitFor(started, (within) => isReady(port, started.pid, within), {
      withinMs: startMs,
      everyMs: 20,
      signal,
    })
    return started
  } catch (error) {
    await started.end()
    throw error
  }
}

async function isReady(port: number, pid: number, signal: AbortSignal): Promise<boolean> {
  // By its pid: another Redis that holds the port would answer just as well.
  const info = await askRedis(port, 'INFO server', signal)
  if (!info.includes(`process_id:${pid}\r\n`)) return false
  // While it reads its file it answers -LOADING.
  return (await askRedis(port, 'PING', signal)).startsWith('+PONG')
}
