import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Terminal } from '@session-broker/program/daemon'
import { JobNotStartedError } from './job-not-started-error.ts'

export interface JobOrder {
  command: string
  args: readonly string[]
  env: Record<string, string>
  readTerminal: () => Terminal
}

export interface Job {
  /** Its exit code, as a shell says it: 128 and the signal's number where a signal has ended it. */
  ended: Promise<number>
  /** Hands a signal on that this process has got. */
  signal(name: NodeJS.Signals): void
}

/** The terminal itself sends these to everybody in front of it. */
const ofTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

/**
 * Starts the job, without a shell, on this process's own input and outputs. On a terminal it stays in this process's group, so that
 * it can read from it; otherwise it gets a group of its own, and signals go to all of that group.
 * @throws JobNotStartedError
 */
export async function startJob({ command, args, env, readTerminal }: JobOrder): Promise<Job> {
  const hasOwnGroup = !readTerminal().isThere && process.platform !== 'win32'
  const child = spawn(command, args, { env, stdio: 'inherit', detached: hasOwnGroup })
  const ended = endOf(child)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(JobNotStartedError.of(command, error)))
  })
  return {
    ended,
    signal(name) {
      if (hasOwnGroup) return signalGroup(child, name)
      if (!(ofTerminal.includes(name) && readTerminal().isInFront)) child.kill(name)
    },
  }
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)))
  })
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!isGone) throw error
  }
}
