import { fileURLToPath } from 'node:url'
import { type ProgramOptions, type RunningProgram, startProgram } from '../../program/start-program.ts'

const main = fileURLToPath(new URL('../../../apps/broker/src/main.ts', import.meta.url))

export function startBrokerProgram(args: readonly string[], options: ProgramOptions): RunningProgram {
  return startProgram(main, args, options)
}

/** Runs it to its end. */
export function runBrokerProgram(args: readonly string[], options: ProgramOptions): RunningProgram['ended'] {
  return startBrokerProgram(args, options).ended
}
