#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCommandLine } from '@session-broker/program/command-line'
import { createProgram } from './cli/program.ts'
import type { Surroundings } from './cli/surroundings.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

const surroundings: Surroundings = {
  env: process.env,
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  startWorker: async (options) => (await import('./app/start-worker.ts')).startWorker(options),
}
const exitCode = await runCommandLine(createProgram(surroundings), {
  args: process.argv.slice(2),
  ...surroundings,
})

// What failed must not be held up by what it left open.
process.exit(exitCode)
