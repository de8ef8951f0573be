import { UserMistake } from '@session-broker/program/command-line'
import type { WorkerOptions } from '../app/start-worker.ts'
import type { WorkerCommandOptions } from './options.ts'
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

/** What the command line says of a worker. @throws UserMistake */
export function readWorkerOptions(
  options: WorkerCommandOptions,
  { env }: Pick<Surroundings, 'env'>,
): Omit<WorkerOptions, 'log' | 'signal'> {
  return {
    key: readKey(env),
    brokers: readBrokerUrls(options.broker, options),
    sessions: readSessions(options.session),
    chromes: readChromes(options),
    id: readId(options.id),
    lookEveryMs: readDuration('--look-every', options.lookEvery),
    reloadPages: options.reload,
    contexts: options.contexts,
    writeBackEveryMs:
      options.writeBack === undefined ? undefined : readDuration('--write-back', options.writeBack),
    listen: readListen(options.listen),
  }
}

function readChromes(options: WorkerCommandOptions): WorkerOptions['chromes'] {
  const { chrome = [], launch, userDataDir, headless, port, pipe: isPiped, chromeFlag: flags } = options
  if (launch) {
    if (chrome.length > 0)
      throw new UserMistake('--launch starts a Chrome and --chrome names one that runs: give one of them')
    if (isPiped && (port !== undefined || flags?.some((flag) => flag.startsWith('--remote-debugging-'))))
      throw new UserMistake('--pipe starts a Chrome without a port: leave --pipe out where you want one')
    const own = { headless, isPiped, userDataDir, flags }
    return { launch: { ...own, port: port === undefined ? undefined : readPort(port) } }
  }
  if (userDataDir !== undefined || headless || isPiped || port !== undefined || flags !== undefined) {
    throw new UserMistake('--user-data-dir, --headless, --port, --pipe and --chrome-flag go with --launch')
  }
  return readChromeUrls(chrome.length > 0 ? chrome : ['http://127.0.0.1:9222'])
}
