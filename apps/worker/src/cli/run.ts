import { endWithGrace } from '@session-broker/program/daemon'
import { asUserMistake } from './as-user-mistake.ts'
import { createWorkerLog } from './log.ts'
import type { WorkerCommandOptions } from './options.ts'
import { readWorkerOptions } from './read-worker-options.ts'
import type { Surroundings } from './surroundings.ts'

/** Runs the worker until a signal ends the process. The log goes to stderr. */
export async function run(options: WorkerCommandOptions, surroundings: Surroundings): Promise<void> {
  const { stderr, startWorker } = surroundings
  const order = readWorkerOptions(options, surroundings)
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
