import { Option } from 'commander'
import { logLevels } from '../log-level.ts'

/** Gives a `LogLevel`. */
export const logLevelOption = () =>
  new Option('--log-level <level>', 'what is written to stderr').choices(logLevels).default('info')
