#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCli } from './cli/run-cli.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  startWorker: async (options) => (await import('./app/start-worker.ts')).startWorker(options),
})

// What failed must not be held up by what it left open.
process.exit(exitCode)
