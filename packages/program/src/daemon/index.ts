// For what runs until a signal ends it. Apart from the command line, so that a short command loads none of this.
export type { LogLevel } from '../log-level.ts'
export { endWithGrace } from './end-with-grace.ts'
export { createLog, type ProgramLog } from './log.ts'
