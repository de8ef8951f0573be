import { join } from 'node:path'
import { UserMistake } from '@session-broker/program/command-line'
import { endWithGrace, type LogLevel } from '@session-broker/program/daemon'
import { ProblemError } from '@session-broker/shared'
import { type BrokerConfig, loadConfig } from '../config/load-config.ts'
import { asUserMistake } from './as-user-mistake.ts'
import { createBrokerLog } from './log.ts'
import type { Surroundings } from './surroundings.ts'
import { tellFailure, tellLogin } from './tell-login.ts'
import { createStepTeller } from './tell-step.ts'

export interface LoginOptions {
  config: string
  /** Tells what is read and done, as it happens. */
  explain: boolean
  headed: boolean
  force: boolean
  logLevel: LogLevel
}

/** Makes one login, as a broker would, and tells what came of it. */
export async function login(
  session: string,
  options: LoginOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { env, cwd, stdout, stderr, logIn } = surroundings
  const config = await loadConfig({ file: options.config, cwd, serves: false })
  if (!Object.hasOwn(config.sessions, session)) throw unknownSession(session, config)
  const log = createBrokerLog({ level: options.logLevel, pretty: stderr.isTTY ?? false })
  const stopping = new AbortController()
  let evidence: string | undefined
  const tell = createStepTeller((text) => stdout.write(text))
  const running = logIn({
    config: options.headed ? { ...config, browser: { ...config.browser, headless: false } } : config,
    ...{ session, env, log, force: options.force, stopping: stopping.signal },
    onEvidence: (where) => {
      evidence = join(config.data, where)
    },
    ...(options.explain && { onStep: (_, step) => tell(step) }),
  })
  const end = endWithGrace({
    async stop() {
      stopping.abort(new Error('the command was stopped'))
      // A login that fails by it ends the process itself, with its own exit code.
      await running.catch(() => new Promise(() => undefined))
    },
    log,
    graceMs: 10_000,
  })
  try {
    stdout.write(`${tellLogin(session, await running)}\n`)
  } catch (error) {
    throw asFailure(error, { session, config, evidence })
  } finally {
    end.uninstall()
  }
}

function unknownSession(session: string, { sessions }: BrokerConfig): UserMistake {
  return new UserMistake(
    `there is no session ${session} in the configuration; it has: ${Object.keys(sessions).join(', ')}`,
  )
}

function asFailure(
  error: unknown,
  { session, config, evidence }: { session: string; config: BrokerConfig; evidence: string | undefined },
): unknown {
  const { redis, data } = config
  if (!(error instanceof ProblemError)) return asUserMistake(error)
  if (error.code !== 'store_unavailable' || redis !== undefined)
    return new UserMistake(tellFailure(session, error, evidence), { cause: error })
  return new UserMistake(
    `${error.message}\nA broker that runs on ${data} makes its logins itself: POST /session/refresh asks it for one. Stop it first to ` +
      'see one here.',
    { cause: error },
  )
}
