import { UserMistake } from '@session-broker/program/command-line'
import { endWithGrace, type LogLevel } from '@session-broker/program/daemon'
import type { WorkerOptions } from '../app/start-worker.ts'
import { asUserMistake } from './as-user-mistake.ts'
import { createWorkerLog } from './log.ts'
import {
  readBrokerUrls,
  readChromeUrls,
  readDuration,
  readId,
  readKey,
  readListen,
  readPort,
  readSessions,
} from './read-options.ts'
import type { Surroundings } from './surroundings.ts'

export interface RunOptions {
  broker: string[]
  session: string[]
  chrome?: string[]
  launch: boolean
  userDataDir?: string
  headless: boolean
  port?: string
  chromeFlag?: string[]
  id?: string
  lookEvery: string
  reload: boolean
  listen?: string
  insecureHttp: boolean
  logLevel: LogLevel
}

/** Runs the worker until a signal ends the process. The log goes to stderr. */
export async function run(options: RunOptions, surroundings: Surroundings): Promise<void> {
  const { env, stderr, startWorker } = surroundings
  const order = {
    key: readKey(env),
    brokers: readBrokerUrls(options.broker, options),
    sessions: readSessions(options.session),
    chromes: readChromes(options),
    id: readId(options.id),
    lookEveryMs: readDuration('--look-every', options.lookEvery),
    reloadPages: options.reload,
    listen: readListen(options.listen),
  }
  const log = createWorkerLog({ level: options.logLevel, pretty: stderr.isTTY ?? false })
  const stop = new AbortController()
  const working = startWorker({ ...order, log, signal: stop.signal })
  const end = endWithGrace({
    log,
    graceMs: 10_000,
    async stop() {
      stop.abort()
      // A failure meanwhile is told below.
      await working.catch(() => undefined)
    },
  })
  try {
    await working
  } catch (error) {
    if (stop.signal.aborted) return
    end.uninstall()
    throw asUserMistake(error)
  }
}

function readChromes(options: RunOptions): WorkerOptions['chromes'] {
  const { chrome = [], launch, userDataDir, headless, port, chromeFlag: flags } = options
  if (launch) {
    if (chrome.length > 0)
      throw new UserMistake('--launch starts a Chrome and --chrome names one that runs: give one of them')
    return { launch: { headless, userDataDir, flags, port: port === undefined ? undefined : readPort(port) } }
  }
  if (userDataDir !== undefined || headless || port !== undefined || flags !== undefined) {
    throw new UserMistake('--user-data-dir, --headless, --port and --chrome-flag go with --launch')
  }
  return readChromeUrls(chrome.length > 0 ? chrome : ['http://127.0.0.1:9222'])
}
