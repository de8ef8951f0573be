import { UserMistake } from '@session-broker/program/command-line'
import { catchSignals, readTerminal } from '@session-broker/program/daemon'
import { execJob } from '../app/exec/exec-job.ts'
import { isOwnName, jobEnv } from '../app/exec/job-env.ts'
import { JobNotStartedError } from '../app/exec/job-not-started-error.ts'
import { NotSignedInError } from '../app/exec/not-signed-in-error.ts'
import { asUserMistake } from './as-user-mistake.ts'
import { createWorkerLog } from './log.ts'
import type { WorkerCommandOptions } from './options.ts'
import { readDuration } from './read-options.ts'
import { readWorkerOptions } from './read-worker-options.ts'
import type { Surroundings } from './surroundings.ts'

export interface ExecOptions extends WorkerCommandOptions {
  wait: string
  env?: string[]
}

/** Runs a job in a Chrome that is signed in, and ends with its exit code. */
export async function exec(
  [command = '', ...args]: readonly string[],
  options: ExecOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { env, stderr, startWorker, endWith } = surroundings
  if (options.pipe)
    throw new UserMistake('--pipe starts a Chrome without a port, which no job can reach: leave it out')
  const worker = readWorkerOptions(options, surroundings)
  const log = createWorkerLog({ level: options.logLevel, pretty: stderr.isTTY ?? false })
  const order = {
    ...{ command, args, startWorker, readTerminal, worker: { ...worker, log } },
    env: jobEnv(env, { names: readNames(options.env ?? [], env) }),
    waitMs: readDuration('--wait', options.wait),
  }
  const signals = catchSignals()
  try {
    endWith(await execJob({ ...order, signals }))
  } catch (error) {
    throw toMistake(error)
  } finally {
    signals.release()
  }
}

function readNames(names: readonly string[], env: Surroundings['env']): readonly string[] {
  for (const name of names) {
    if (isOwnName(name)) throw new UserMistake(`--env ${name}: that is the worker’s own, and no job gets it`)
    if (env[name] === undefined)
      throw new UserMistake(
        `--env ${name.split('=')[0]}: there is no such variable in the environment of this command`,
      )
  }
  return names
}

function toMistake(error: unknown): unknown {
  const isOfJob = error instanceof JobNotStartedError || error instanceof NotSignedInError
  if (!isOfJob) return asUserMistake(error)
  return new UserMistake(error.message, { cause: error, exitCode: error.exitCode })
}
