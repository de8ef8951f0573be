import type { Output } from '@session-broker/program/command-line'
import type { LoginOptions, LoginReport } from '../app/log-in.ts'
import type { BrokerConfig } from '../config/load-config.ts'
import type { Env } from '../config/resolve-secret.ts'
import type { Log } from '../session/ports/log.ts'

export interface RunningBroker {
  /** e.g. `http://127.0.0.1:8787`. */
  url: string
  stop(): Promise<void>
}

interface StartBrokerOptions {
  config: BrokerConfig
  env: Env
  log: Log
  insecureNoAuth: boolean
}

/** Everything that the commands know of the process around them, and what they set going. */
export interface Surroundings {
  env: Env
  /** Where the user stands. */
  cwd: string
  version: string
  stdout: Output
  stderr: Output
  startBroker(options: StartBrokerOptions): Promise<RunningBroker>
  /** Makes one login. */
  logIn(options: LoginOptions): Promise<LoginReport>
  /** The description of the API, as YAML. */
  openApiYaml(): Promise<string>
}
