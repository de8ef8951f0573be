// For what runs until a signal ends it. Apart from the command line, so that a short command loads none of this.
export type { LogLevel } from '../log-level.ts'
export { type CaughtSignals, catchSignals } from './catch-signals.ts'
export { endWithGrace } from './end-with-grace.ts'
export { createLog, type ProgramLog } from './log.ts'
export { readTerminal, type Terminal } from './terminal.ts'
