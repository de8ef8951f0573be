// The entry of every npm script: makes sure that what a program needs is there, then runs it with the project's Node.
// This file and those in set-up/ run on any Node from 18 on, with nothing installed: plain JavaScript, no packages.
import { runProgram } from './run-program.mjs'
import { SetUpError } from './set-up/command.mjs'
import { setUp } from './set-up/set-up.mjs'
import { targets } from './targets.mjs'

const [name, ...args] = process.argv.slice(2)
const target = targets[name ?? '']

if (!target) {
  console.error(`npm run <name>, where <name> is one of: ${Object.keys(targets).join(', ')}`)
  process.exit(2)
}

try {
  const tools = await setUp(target.needs(args))
  const program = target.program?.(args, tools)
  process.exitCode = program ? await runProgram(tools, program) : 0
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(`\n${error.message}`)
  process.exitCode = 1
}
