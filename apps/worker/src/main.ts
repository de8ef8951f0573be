#!/usr/bin/env node
import { runCommandLine } from '@session-broker/program/command-line'
import packageJson from '../package.json' with { type: 'json' }
import { createProgram } from './cli/program.ts'
import type { Surroundings } from './cli/surroundings.ts'

let endsWith = 0
const surroundings: Surroundings = {
  env: process.env,
  version: packageJson.version,
  nodeVersion: process.versions.node,
  stdout: process.stdout,
  stderr: process.stderr,
  startWorker: async (options) => (await import('./app/start-worker.ts')).startWorker(options),
  endWith(exitCode) {
    endsWith = exitCode
  },
}

runCommandLine(createProgram(surroundings), { args: process.argv.slice(2), ...surroundings }).then(
  // What failed must not be held up by what it left open.
  (exitCode) => process.exit(exitCode || endsWith),
)
