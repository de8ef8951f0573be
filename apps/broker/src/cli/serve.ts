import { UserMistake } from '@session-broker/program/command-line'
import { endWithGrace, type LogLevel } from '@session-broker/program/daemon'
import { showAddress } from '../config/listen-address.ts'
import { type BrokerConfig, loadConfig } from '../config/load-config.ts'
import { asUserMistake } from './as-user-mistake.ts'
import { createBrokerLog } from './log.ts'
import type { RunningBroker, Surroundings } from './surroundings.ts'

export interface ServeOptions {
  config: string
  insecureNoAuth: boolean
  logLevel: LogLevel
}

/** Runs the broker until a signal ends the process. stdout gets one line, when it is ready; the log goes to stderr. */
export async function serve(options: ServeOptions, surroundings: Surroundings): Promise<void> {
  const { env, cwd, stdout, stderr, startBroker } = surroundings
  const { insecureNoAuth } = options
  const config = await loadConfig({ file: options.config, cwd, insecureNoAuth })
  const log = createBrokerLog({ level: options.logLevel, pretty: stderr.isTTY ?? false })
  let starting: Promise<RunningBroker> | undefined
  // A start that failed has left nothing to stop.
  const end = endWithGrace({
    stop: async () => (await starting?.catch(() => undefined))?.stop(),
    log,
    graceMs: 25_000,
  })
  if (insecureNoAuth) log.warn({}, 'no keys: every program on this machine can use the sessions')
  try {
    starting = startBroker({ config, env, log, insecureNoAuth })
    const { url } = await starting
    if (!end.isEnding()) stdout.write(`session-broker listens on ${url} (API: ${url}/docs)\n`)
  } catch (error) {
    if (end.isEnding()) return
    end.uninstall()
    throw asListenMistake(error, config)
  }
}

const listenFailures: Record<string, string> = {
  EADDRINUSE: 'is taken by another program: end that one, or choose another port',
  EACCES: 'may not be listened on by this user: choose a port above 1023',
  EADDRNOTAVAIL: 'is no address of this machine',
  ENOTFOUND: 'is no known host',
}

function asListenMistake(error: unknown, { listen }: BrokerConfig): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  const failure = code !== undefined && /^(listen|getaddrinfo)$/.test(syscall ?? '') && listenFailures[code]
  if (failure) return new UserMistake(`listen: ${showAddress(listen)} ${failure}`)
  return asUserMistake(error)
}
