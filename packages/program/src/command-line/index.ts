export { Command, Option } from 'commander'
export { logLevelOption } from './log-level-option.ts'
export { type Output, runCommandLine } from './run-command-line.ts'
export { UserMistake } from './user-mistake.ts'
