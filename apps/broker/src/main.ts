#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCommandLine } from '@session-broker/program/command-line'
import { createProgram } from './cli/program.ts'
import type { Surroundings } from './cli/surroundings.ts'
import { ConfigError } from './config/config-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// What a command does not need is not loaded: `keys create` wants no browser driver.
const surroundings: Surroundings = {
  env: process.env,
  cwd: process.cwd(),
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  startBroker: async (options) =>
    (await import('./app/start-broker.ts')).startBroker({ ...options, version }),
  logIn: async (options) => (await import('./app/log-in.ts')).logIn(options),
  openApiYaml: async () => (await import('./http/openapi/open-api-yaml.ts')).openApiYaml(),
}
const exitCode = await runCommandLine(createProgram(surroundings), {
  args: process.argv.slice(2),
  isForUser: (error) => error instanceof ConfigError,
  ...surroundings,
})

// A start that failed must not be held up by what it left open; a broker that runs goes on.
if (exitCode !== 0) process.exit(exitCode)
