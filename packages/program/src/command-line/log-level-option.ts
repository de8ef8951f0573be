import { Option } from 'commander'
import { type LogLevel, logLevels } from '../log-level.ts'

/** Gives a `LogLevel`. */
export const logLevelOption = (usual: LogLevel = 'info') =>
  new Option('--log-level <level>', 'what is written to stderr').choices(logLevels).default(usual)
